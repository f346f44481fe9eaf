import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { comparison, conflictTable } from "../../../agent/cli/conflict-tables.ts";
import type { ConflictDetail } from "../../../agent/replication/conflict-record.ts";
import type { OriginId } from "../../../shared/domain/ids.ts";

const folder = mkdtempSync(join(tmpdir(), "us-"));
afterAll(() => rmSync(folder, { recursive: true }));

const detail: ConflictDetail = {
  dataSet: "calls",
  id: 7,
  at: "2026-01-02T03:04:05.678Z",
  reason: "same-row",
  table: "contact",
  key: [12],
  winnerOrigin: "node_b:2" as OriginId,
  loserOrigin: "node_a:1" as OriginId,
  isOpen: false,
  settledAt: null,
  settledBy: null,
  reappliedAt: null,
  reappliedAs: null,
  winner: { origin: "node_b:2" as OriginId, writtenAt: "2026-01-02T03:00:01.000Z", row: { id: 12, name: "Ann", phone: "\u001b[31m201" } },
  loser: { origin: "node_a:1" as OriginId, writtenAt: "2026-01-02T03:00:00.000Z", row: { id: 12, name: "Ann", phone: null } },
  now: { id: 12, name: "Anna", phone: { base64: "AA==" } },
};

it("the list has a line each", () => {
  expect(conflictTable([detail])).toBe(
    [
      "NUMBER  MET AT                    DATA SET  TABLE    KEY  REASON    STANDS    LOST      SINCE",
      "7       2026-01-02T03:04:05.678Z  calls     contact  12   same-row  node_b:2  node_a:1  -",
    ].join("\n"),
  );
});

it("the list says what has become of a conflict, and what waits says how it is decided", () => {
  const became = (fate: Partial<ConflictDetail>) => conflictTable([{ ...detail, ...fate }]).split("node_a:1  ")[1];
  expect(became({ isOpen: true })).toBe("waits for a decision");
  expect(became({ settledBy: "taken", settledAt: "2026-01-03T00:00:00.000Z" })).toBe("taken 2026-01-03T00:00:00.000Z");
  expect(became({ reappliedAt: "2026-01-03T00:00:00.000Z", reappliedAs: 14 })).toBe("re-applied 2026-01-03T00:00:00.000Z as 14");
  expect(comparison({ ...detail, isOpen: true })).toContain("waits for a decision: understudy agent conflicts resolve, with --keep");
});

it("the comparison marks what differs, and shows a terminal nothing that it would obey", () => {
  expect(comparison(detail)).toBe(
    [
      "Conflict 7 of data set calls, table contact, key 12 (same-row), met at 2026-01-02T03:04:05.678Z.",
      "Won: node_b:2, at 2026-01-02T03:00:01.000Z.",
      "Lost: node_a:1, at 2026-01-02T03:00:00.000Z.",
      "",
      "   COLUMN  WON              LOST   NOW",
      "   id      12               12     12",
      '   name    "Ann"            "Ann"  "Anna"',
      '*  phone   "\\u001b[31m201"  null   base64:AA==',
    ].join("\n"),
  );
});

it("an agent that does not run, and a number that is none: what is wrong, and an exit code of its own", async () => {
  const settings = join(folder, "agent.yaml");
  writeFileSync(settings, `name: node-a\ndataDir: ${folder}\nlisten: { host: 127.0.0.1 }\n`);
  expect(await run(["conflicts", "list", "--config", settings])).toMatchObject({
    code: 9,
    told: expect.stringContaining("No agent answers"),
  });
  expect(await run(["conflicts", "show", "nine", "--config", settings])).toMatchObject({
    code: 64,
    told: expect.stringContaining("It must be a whole number above 0."),
  });
});

async function run(call: readonly string[]): Promise<{ code: number; told: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../../agent/main.ts"), "agent", ...call]);
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const told = (await child.stderr.setEncoding("utf8").toArray()).join("");
  return { code: await ended, told };
}
