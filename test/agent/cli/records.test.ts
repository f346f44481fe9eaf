import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { committed, dataSetTable, eventLine, recordTable } from "../../../agent/cli/record-tables.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";

const folder = mkdtempSync(join(tmpdir(), "us-"));
afterAll(() => rmSync(folder, { recursive: true }));

const alpha = { nodeId: "node_a" as NodeId, name: "alpha", host: "192.0.2.1" };
const record = { key: "a\u001b[31m", value: { to: "200" }, version: "node_a:1-7", writtenAt: "2026-01-02T03:04:05.678Z", expiresAt: null };

it("data sets with their writers, and records, in which a terminal finds nothing that it would obey", () => {
  const shared = { kind: "state", group: "default" };
  expect(
    dataSetTable([
      { name: "calls", ...shared, writer: alpha },
      { name: "queue", ...shared, writer: null },
    ]),
  ).toBe(
    ["DATA SET  KIND   GROUP    WRITER", "calls     state  default  alpha (192.0.2.1)", "queue     state  default  nobody"].join("\n"),
  );
  expect(recordTable({ records: [record], more: true })).toBe(
    [
      "KEY          VALUE         WRITTEN AT                EXPIRES AT  VERSION",
      'a\\u001b[31m  {"to":"200"}  2026-01-02T03:04:05.678Z  -           node_a:1-7',
      "There are more: go on with --after and the last key.",
    ].join("\n"),
  );
  expect(committed({ commit: { id: "node_a:1-7", heldBy: [alpha], lackedBy: [] } }, "Written")).toBe(
    ["Written", "Commit:   node_a:1-7", "Held by:  alpha", "Not yet:  nobody"].join("\n"),
  );
  expect(eventLine({ event: "put", id: "9@node_a:1", data: record })).toBe('put a\\u001b[31m {"to":"200"}  (position 9@node_a:1)');
  expect(eventLine({ event: "delete", id: null, data: { key: "a" } })).toBe("delete a");
});

it("what cannot be asked: what is wrong, the next step, and an exit code of its own", async () => {
  const config = join(folder, "agent.yaml");
  writeFileSync(config, `name: node-a\ndataDir: ${folder}\nlisten: { host: 127.0.0.1 }\n`);
  const of = ["--config", config, "--data-set", "calls"];
  const put = ["records", "put", ...of];
  const outcomes = await Promise.all(
    [
      [...put, "a", "no json"],
      [...put, "a", "1", "--if-absent", "--if-version", "v"],
      [...put, "a", "1"],
      ["records", "watch", ...of],
      ["records", "list", ...of, "--limit", "0"],
    ].map(run),
  );
  expect(outcomes.map(({ code }) => code)).toEqual([24, 24, 9, 9, 64]);
  const said = ["the value is not JSON", "contradict", "No agent answers", "No agent answers", "whole number from 1 to 500"];
  for (const [at, words] of said.entries()) expect(outcomes[at]?.told).toContain(words);
}, 60_000);

async function run(call: readonly string[]): Promise<{ code: number; told: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../../agent/main.ts"), "agent", ...call]);
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const told = (await child.stderr.setEncoding("utf8").toArray()).join("");
  return { code: await ended, told };
}
