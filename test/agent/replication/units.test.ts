import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LoggedChange } from "../../../agent/replication/change-log.ts";
import { readLog } from "../../../agent/replication/change-log.ts";
import { readControl, readVector } from "../../../agent/replication/change-log-tables.ts";
import { nowhere, readPosition } from "../../../agent/replication/file-position.ts";
import { Intake } from "../../../agent/replication/intake.ts";
import { decodeRow } from "../../../agent/replication/row-codec.ts";
import { waitOutLock } from "../../../agent/replication/wait-out-lock.ts";
import { unit } from "../../../shared/config/replication.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { OfflineReplica } from "./offline-replica.ts";

/* What a node missed comes in units that end where transactions do, so that its own application waits for no more than one of them. */

let folder = "";
let application: DatabaseSync;
let source: OfflineReplica;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "units-"));
  application = new DatabaseSync(join(folder, "source.db"));
  application.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE call (id INTEGER PRIMARY KEY, tx INTEGER)");
  source = OfflineReplica.source(join(folder, "source.db"));
});
afterEach(() => {
  source[Symbol.dispose]();
  application.close();
  rmSync(folder, { recursive: true });
});

/** One transaction of the application's, all of whose rows say which. */
function write(tx: number, rows: number): void {
  application
    .prepare("WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?) INSERT INTO call (tx) SELECT ? FROM n")
    .run(rows, tx);
}

function unitsFor(other: OfflineReplica): LoggedChange[][] {
  const upTo = readControl(source.database).n;
  const units: LoggedChange[][] = [[]];
  for (let after = 0; after < upTo; ) {
    const piece = readLog(source.database, after, upTo, readVector(other.database), { node: "node_none" as NodeId, givenUpTo: null });
    units.at(-1)?.push(...piece.changes);
    if (piece.readTo === piece.unitEnd) units.push([]);
    after = piece.readTo;
  }
  return units.filter(({ length }) => length > 0);
}

function looks(intake: Intake): void {
  intake.saw(readPosition(source.database, nowhere));
}

async function takesIn(intake: Intake): Promise<void> {
  await waitOutLock(() => intake.complete(intake.apply(source.database, source.capture, undefined, undefined)), performance.now() + 10_000);
}

const commitPoints = (): number => source.database.number("SELECT count(*) FROM _understudy_commit_point");

describe("a node was away while thirty transactions of 300 rows were made", () => {
  const transactions = 30;
  let away: OfflineReplica;
  beforeEach(() => {
    away = OfflineReplica.copyOf(source, join(folder, "away.db"), 1);
    for (let tx = 0; tx < transactions; tx += 1) {
      write(tx, 300);
      if (tx % 3 === 0) source.take([]);
    }
  });
  afterEach(() => away[Symbol.dispose]());

  it("it gets them in units of a bounded size, none of which ends in the middle of a transaction", () => {
    const units = unitsFor(away);
    expect(units.flat()).toHaveLength(transactions * 300);
    expect(units.length).toBeGreaterThan(3);
    const rowsOf = new Map<unknown, number>();
    for (const changes of units) {
      expect(changes.length).toBeLessThanOrEqual(unit.entriesMax);
      for (const { row } of changes) {
        const tx = decodeRow(row)[1];
        rowsOf.set(tx, (rowsOf.get(tx) ?? 0) + 1);
      }
      expect([...rowsOf.values()].every((rows) => rows === 300)).toBe(true);
    }
  });

  it("what of it has come already is not sent again, and the rest in units all the same", () => {
    for (const changes of unitsFor(away).slice(0, 2)) away.take(changes);
    const units = unitsFor(away);
    expect(units.every(({ length }) => length <= unit.entriesMax)).toBe(true);
    for (const changes of units) away.take(changes);
    expect(away.database.all("SELECT * FROM call")).toEqual(source.database.all("SELECT * FROM call"));
    // What it has taken in it could give on in units, too.
    expect(away.database.number("SELECT count(*) FROM _understudy_commit_point")).toBeGreaterThan(3);
  });

  it("with the log's entries go its commit points", () => {
    expect(commitPoints()).toBeGreaterThan(3);
    for (const changes of unitsFor(away)) away.take(changes);
    source.meet(away);
    while (source.prune([source, away]) > 0);
    expect(commitPoints()).toBe(0);
  });
});

it("one transaction that is bigger than a unit comes whole", () => {
  using away = OfflineReplica.copyOf(source, join(folder, "away.db"), 1);
  write(1, 300);
  source.take([]);
  write(2, 3 * unit.entriesMax);
  source.take([]);
  write(3, unit.entriesMax);
  expect(unitsFor(away).map(({ length }) => length)).toEqual([300 + 3 * unit.entriesMax, unit.entriesMax]);
});

describe("its application left the agent no time to write while thirty transactions of 300 rows were made", () => {
  it("the ends that looks have found meanwhile bound the units, too", async () => {
    using away = OfflineReplica.copyOf(source, join(folder, "away.db"), 1);
    const intake = new Intake();
    for (let tx = 0; tx < 30; tx += 1) {
      write(tx, 300);
      looks(intake);
    }
    await takesIn(intake);
    const units = unitsFor(away);
    expect(units.every(({ length }) => length <= unit.entriesMax && length % 300 === 0)).toBe(true);
    expect(units.flat()).toHaveLength(30 * 300);
  });

  it("what was seen before a log went back ends nothing: it is another log", async () => {
    const intake = new Intake();
    write(1, unit.entriesMax);
    looks(intake);
    source.database.exec("UPDATE _understudy_control SET n = 0; DELETE FROM _understudy_log");
    looks(intake);
    write(2, 3 * unit.entriesMax);
    looks(intake);
    await takesIn(intake);
    expect(source.database.all("SELECT n FROM _understudy_commit_point")).toEqual([{ n: BigInt(3 * unit.entriesMax) }]);
  });
});
