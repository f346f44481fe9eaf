import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { Replica } from "../../../agent/replication/replica.ts";
import { isLocked, LeftToApplication, OwnWritesOwed, problemOf } from "../../../agent/replication/sqlite-problem.ts";
import { ownIntake } from "../../../shared/config/replication.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";

/* A big transaction of the application's own is taken in by slices: its other writers have the file in between. */

const slices = 6;
const rows = slices * ownIntake.entriesMax;
let folder = "";
let path = "";
let application: DatabaseSync;
let replica: Replica;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-intake-"));
  path = join(folder, "calls.db");
  application = new DatabaseSync(path, { timeout: 0 });
  application.exec("PRAGMA journal_mode = WAL; CREATE TABLE call (id INTEGER PRIMARY KEY, number TEXT UNIQUE)");
  replica = new Replica(path, {
    clusterId: "clus_00000000000000000000" as ClusterId,
    dataSet: "application",
    nodeId: "node_00000000000000000000" as NodeId,
    local: [],
  });
  replica.times.clock = { offsetMs: Date.now() - performance.now(), skewMsMax: 15_000 };
  replica.becomeSource();
  application.exec(
    `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${rows}) INSERT INTO call SELECT id, 'n' || id FROM n`,
  );
});
afterEach(() => {
  replica.close();
  application.close();
  rmSync(folder, { recursive: true });
});

const count = (sql: string) => Number(application.prepare(`SELECT (${sql}) AS n`).get()?.["n"]);
const absorbed = () => count("SELECT absorbed FROM _understudy_control");
const apply = (): unknown => {
  try {
    return replica.apply();
  } catch (error) {
    return error;
  }
};

it("each look takes in one slice; the application writes in between; and all of it counts in the end", async () => {
  let [looks, written] = [0, rows];
  const positions = new Set<number>();
  await vi.waitFor(
    () => {
      // No lock is waited for here: one that were held would fail it.
      application.prepare("INSERT INTO call (number) VALUES (?)").run(`late ${looks}`);
      [looks, written] = [looks + 1, written + 1];
      replica.look();
      positions.add(absorbed());
      expect(written - absorbed()).toBeLessThanOrEqual(ownIntake.entriesMax);
    },
    { interval: 1, timeout: 10_000 },
  );
  expect(positions.size).toBeGreaterThanOrEqual(slices - 1);
  await vi.waitFor(() => expect(replica.apply().owed).toBe(0));
  expect(count("SELECT count(*) FROM _understudy_row_version")).toBe(written);
  expect(count("SELECT sealed FROM _understudy_control")).toBe(written);
  expect(absorbed()).toBe(written);
});

it("what others wrote waits for it, with the reason and how much is left, and is tried again as after a lock", async () => {
  const owed = apply();
  expect(owed).toBeInstanceOf(OwnWritesOwed);
  expect(isLocked(owed)).toBe(true);
  expect(problemOf(owed, path)).toEqual({
    outlook: "wait",
    message: `${path}: ${rows - ownIntake.entriesMax} changes of this node's own are still to be taken into account; those of other nodes wait for that, and come by themselves`,
  });
  expect(absorbed()).toBe(ownIntake.entriesMax);
  // In the middle of a transaction nothing is sealed: a seal divides its numbers.
  expect(replica.view.sealed).toBe(0);
});

it("once others' writes have taken the file for long, it is its application's for a moment", async () => {
  await vi.waitFor(() => expect(replica.apply().owed).toBe(0), { interval: 1, timeout: 10_000 });
  let nowMs = performance.now() + 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  onTestFinished(() => void vi.restoreAllMocks());
  replica.apply(
    (function* takesLong() {
      yield* [];
      nowMs += 200;
    })(),
  );
  expect(() => replica.apply([])).toThrow(LeftToApplication);
  expect(isLocked(new LeftToApplication())).toBe(true);
  // Its own writes are not held up by that, since they are few.
  expect(replica.apply().owed).toBe(0);
  nowMs += 200;
  expect(replica.apply([]).owed).toBe(0);
});

it("a look waits for nobody's lock: it would miss where the application's next transactions end", () => {
  application.exec("BEGIN IMMEDIATE");
  const beganMs = performance.now();
  for (let look = 0; look < 10; look += 1) replica.look();
  // A lock is waited for 100 ms otherwise.
  expect(performance.now() - beganMs).toBeLessThan(500);
  application.exec("COMMIT");
  expect(absorbed()).toBe(0);
  replica.look();
  expect(absorbed()).toBe(ownIntake.entriesMax);
});
