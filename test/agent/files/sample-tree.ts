import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";

/** Folders, rights, times, a link, a name in another script, an empty file. */
export function fill(tree: string): void {
  mkdirSync(`${tree}/voice/de`, { recursive: true });
  writeFileSync(`${tree}/voice/de/hello.wav`, randomBytes(20_000));
  writeFileSync(`${tree}/voice/de/empty`, "");
  writeFileSync(`${tree}/Grüße.txt`, "guten Tag");
  chmodSync(`${tree}/Grüße.txt`, 0o640);
  utimesSync(`${tree}/Grüße.txt`, 1_600_000_000.25, 1_600_000_000.25);
  chmodSync(`${tree}/voice/de`, 0o750);
  symlinkSync("de/hello.wav", `${tree}/voice/default.wav`);
}
