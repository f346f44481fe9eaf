import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { dataSaid } from "../../../agent/cli/data-said.ts";
import type { DataAnswer } from "../../../agent/replication/data-request.ts";

const folder = mkdtempSync(join(tmpdir(), "us-"));
afterAll(() => rmSync(folder, { recursive: true }));

const answer: DataAnswer = {
  dataSet: "calls",
  path: "/srv/calls.db",
  undoneAt: null,
  backups: [
    { file: "/srv/calls.db.before-join-2026-01-02T03-04-05-678Z", bytes: 3_145_728, savedAt: "2026-01-02T03:04:05.678Z" },
    { file: "/srv/calls.db.before-join-2025-12-01T00-00-00-000Z", bytes: 104_858, savedAt: "2025-12-01T00:00:00.000Z" },
  ],
};
const now = new Date("2026-01-02T05:30:00.000Z");

it("the backups have a line each, with their age", () => {
  expect(dataSaid("backups", answer, now)).toBe(
    [
      "REPLACED AT               AGE      MIB  FILE",
      "2026-01-02T03:04:05.678Z  2 h      3.0  /srv/calls.db.before-join-2026-01-02T03-04-05-678Z",
      "2025-12-01T00:00:00.000Z  32 days  0.1  /srv/calls.db.before-join-2025-12-01T00-00-00-000Z",
    ].join("\n"),
  );
});

it("after an undo: what stands there, what the node does not do any more, and the next step", () => {
  expect(dataSaid("undo", { ...answer, undoneAt: "2026-01-02T05:29:00.000Z" }, now)).toBe(
    "/srv/calls.db holds what it held at 2026-01-02T03:04:05.678Z, before it was replaced. Since 2026-01-02T05:29:00.000Z this node takes no part in data set calls, because its join was undone; the other nodes keep what it misses. To take part again: understudy agent data rejoin.",
  );
});

it("an agent that does not run: what is wrong, and its exit code", async () => {
  const settings = join(folder, "agent.yaml");
  writeFileSync(settings, `name: node-a\ndataDir: ${folder}\nlisten: { host: 127.0.0.1 }\n`);
  const program = join(import.meta.dirname, "../../../agent/main.ts");
  const child = spawn(process.execPath, [program, "agent", "data", "undo", "--config", settings]);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  expect((await child.stderr.setEncoding("utf8").toArray()).join("")).toContain("No agent answers");
  expect(await ended).toBe(9);
});
