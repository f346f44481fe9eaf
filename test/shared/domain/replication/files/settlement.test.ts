import { expect, it } from "vitest";
import { type FileDescription, nothingThere } from "../../../../../shared/domain/replication/files/file-entry.ts";
import { settlementOf } from "../../../../../shared/domain/replication/files/settlement.ts";

const file = (content: string, mode = 0o644): FileDescription => ({ ...nothingThere, kind: "file", mode, size: content.length, content });
const folder: FileDescription = { ...nothingThere, kind: "directory", mode: 0o755 };
const gone = nothingThere;

it.each([
  ["nothing is wanted and nothing is there", gone, gone, undefined, "keep"],
  ["it is there already, whoever put it there", file("a"), file("a"), undefined, "keep"],
  ["only its rights differ", file("a"), file("a", 0o600), undefined, "adjust"],
  ["nothing is there", file("a"), gone, file("b"), "make"],
  ["what is there is what this node put there", file("a"), file("b"), file("b"), "replace"],
  ["somebody here has changed it", file("a"), file("c"), file("b"), "set-aside-and-make"],
  ["something is there that nobody knows", file("a"), file("c"), undefined, "set-aside-and-make"],
  ["it goes, and is what this node put there", gone, file("b"), file("b"), "remove"],
  ["it goes, but somebody here has changed it", gone, file("c"), file("b"), "set-aside"],
  ["somebody here has made it", gone, file("c"), undefined, "set-aside"],
  ["a folder goes", gone, folder, undefined, "remove"],
  ["a folder of ours becomes a file", file("a"), folder, folder, "replace"],
  ["somebody's folder stands where a file shall be", file("a"), folder, undefined, "set-aside-and-make"],
] as const)("%s", (_, wanted, found, ours, settlement) => {
  expect(settlementOf(wanted, found, ours)).toBe(settlement);
});
