import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { entriesInLog, letGoBeyond } from "../../../agent/replication/change-log.ts";
import { readControl, readPruned, readSettled, readVector } from "../../../agent/replication/change-log-tables.ts";
import { swapIn } from "../../../agent/replication/snapshot-swap.ts";
import { covers } from "../../../shared/domain/replication/version-vector.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

const declared = { local: ["own"] };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carry-over-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(replica: OfflineReplica, sql: string): void {
  using application = new DatabaseSync(replica.path);
  application.exec(sql);
}

function rowsOf(path: string, table: string): readonly unknown[] {
  using application = new DatabaseSync(path);
  return application.prepare(`SELECT * FROM ${table} ORDER BY 1`).all();
}

/** Three replicas, level; each has a row of its own in the local table. */
function threeReplicas(): readonly [OfflineReplica, OfflineReplica, OfflineReplica] {
  const path = join(folder, "first.sqlite");
  using application = new DatabaseSync(path);
  application.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE phone (user TEXT PRIMARY KEY, place TEXT); CREATE TABLE own (note TEXT PRIMARY KEY); INSERT INTO phone VALUES ('100', 'hall')",
  );
  const first = OfflineReplica.source(path, declared.local);
  const second = OfflineReplica.copyOf(first, join(folder, "second.sqlite"), 1, undefined, declared.local);
  const third = OfflineReplica.copyOf(first, join(folder, "third.sqlite"), 2, undefined, declared.local);
  for (const [name, replica] of Object.entries({ first, second, third })) write(replica, `INSERT INTO own VALUES ('${name}')`);
  return [first, second, third];
}

/** Lets go all that is in the log. */
function letGo({ database }: OfflineReplica): number {
  return letGoBeyond(database, readVector(database), readControl(database).n);
}

test("a fresh copy takes the place of a database that the others' logs do not cover: what it alone has, of its own and of a third node, stands in it under its own number and time", async () => {
  const [first, second, third] = threeReplicas();
  write(third, "INSERT INTO phone VALUES ('300', 'third')");
  second.meet(third);
  write(second, "INSERT INTO phone VALUES ('200', 'second'); UPDATE phone SET place = 'cellar' WHERE user = '100'");
  write(
    first,
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO phone SELECT 'new ' || i, 'first' FROM n",
  );
  first.take([]);
  expect(letGo(first)).toBe(50);
  expect(entriesInLog(first.database, 100)).toBe(0);
  expect(readSettled(first.database)).toEqual({});
  const before = readVector(second.database);
  using copy = OfflineReplica.copyOf(first, join(folder, "arrived.sqlite"), 1, undefined, declared.local);
  copy.database.exec("DELETE FROM own; PRAGMA wal_checkpoint(TRUNCATE)");
  second.database.close();
  expect(await swapIn(copy.path, second.path, declared)).toBe(3);
  using again = OfflineReplica.again(second.path, 1, declared.local);
  expect(rowsOf(second.path, "own")).toEqual([{ note: "second" }]);
  expect(rowsOf(second.path, "phone")).toHaveLength(53);
  expect(covers(readVector(again.database), before) && covers(readVector(again.database), readPruned(first.database))).toBe(true);
  // The rest of the cluster takes it as from any log.
  exchangeAll([first, again]);
  expect(rowsOf(first.path, "phone")).toEqual(rowsOf(second.path, "phone"));
  expect(rowsOf(first.path, "phone")).toContainEqual({ user: "100", place: "cellar" });
  // What stood there is beside it.
  const [saved = "", ...others] = readdirSync(folder).filter((name) => name.includes(".before-join-"));
  expect([others, rowsOf(join(folder, saved), "phone").length]).toEqual([[], 3]);
  for (const replica of [first, third]) replica.database.close();
});

test("a copy that lacks what this database has let go is not put in its place: nothing is changed, and the reason is told", async () => {
  const [first, second, third] = threeReplicas();
  write(second, "INSERT INTO phone VALUES ('200', 'second')");
  second.take([]);
  expect(letGo(second)).toBe(1);
  using copy = OfflineReplica.copyOf(first, join(folder, "arrived.sqlite"), 1, undefined, declared.local);
  for (const replica of [first, second, third]) replica.database.close();
  await expect(swapIn(copy.path, second.path, declared)).rejects.toThrow("it would lose them");
  expect(rowsOf(second.path, "phone")).toHaveLength(2);
  expect(readdirSync(folder).filter((name) => name.includes(".before-join-"))).toEqual([]);
});
