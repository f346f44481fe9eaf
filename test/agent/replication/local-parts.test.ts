import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { prepareSnapshot } from "../../../agent/replication/snapshot-file.ts";
import { swapIn } from "../../../agent/replication/snapshot-swap.ts";
import { readTableForms } from "../../../agent/replication/table-form.ts";
import type { LocalPart } from "../../../shared/domain/replication/local-parts.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

/** One table with both: parameters of the server, and a column in which each server notes when it has read them. */
const local: readonly LocalPart[] = [
  { table: "Parameter", keys: ["node.*", "TRUNK"] },
  { table: "parameter", columns: ["read_at", "READER"] },
];
const schema =
  "PRAGMA journal_mode = WAL; CREATE TABLE parameter (name TEXT COLLATE NOCASE PRIMARY KEY, value, read_at INTEGER NOT NULL DEFAULT 7, reader TEXT)";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-parts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, sql: string): void {
  using application = new DatabaseSync(path);
  application.exec(sql);
}

/** Each row as `name=value read_at reader`. */
function rowsOf(path: string): string[] {
  using application = new DatabaseSync(path);
  return application
    .prepare("SELECT name || '=' || value || ' ' || read_at || ' ' || coalesce(reader, '-') AS row FROM parameter ORDER BY name")
    .all()
    .map(({ row }) => String(row));
}

function pair(declared = local): [OfflineReplica, OfflineReplica] {
  const path = join(folder, "one.sqlite");
  write(path, `${schema}; INSERT INTO parameter (name, value) VALUES ('volume', 3)`);
  const one = OfflineReplica.source(path, declared);
  return [one, OfflineReplica.copyOf(one, join(folder, "two.sqlite"), 1, undefined, declared)];
}

test("rows by their keys and columns stay on their node, and everything else of the table is replicated", () => {
  const [one, two] = pair();
  write(one.path, "INSERT INTO parameter VALUES ('node.name', 'first', 1, 'a'), ('Node.Slot', 1, 1, 'a'), ('trunk', 'T1', 1, 'a')");
  write(two.path, "INSERT INTO parameter VALUES ('NODE.name', 'second', 2, 'b'); UPDATE parameter SET read_at = 22, reader = 'b'");
  expect(one.changesFor(two)).toEqual([]);
  expect(two.changesFor(one)).toEqual([]);
  write(
    one.path,
    "UPDATE parameter SET value = 4, read_at = 11 WHERE name = 'volume'; INSERT INTO parameter VALUES ('theme', 'dark', 5, 'a')",
  );
  exchangeAll([one, two]);
  expect(rowsOf(one.path)).toEqual(["node.name=first 1 a", "Node.Slot=1 1 a", "theme=dark 5 a", "trunk=T1 1 a", "volume=4 11 -"]);
  expect(rowsOf(two.path)).toEqual(["NODE.name=second 22 b", "theme=dark 7 -", "volume=4 22 b"]);
  expect(compareReplicas([one.path, two.path], local)).toMatchObject({ equal: true, rows: 2 });
  write(two.path, "DELETE FROM parameter");
  exchangeAll([one, two]);
  expect(rowsOf(one.path)).toEqual(["node.name=first 1 a", "Node.Slot=1 1 a", "trunk=T1 1 a"]);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("a row whose key becomes a local one goes on the others, and one whose key was local comes to them", () => {
  const [one, two] = pair();
  write(one.path, "UPDATE parameter SET name = 'node.volume'; INSERT INTO parameter (name, value) VALUES ('node.x', 1)");
  exchangeAll([one, two]);
  expect(rowsOf(two.path)).toEqual([]);
  write(one.path, "UPDATE parameter SET name = 'x' WHERE name = 'node.x'");
  exchangeAll([one, two]);
  expect(rowsOf(one.path)).toEqual(["node.volume=3 7 -", "x=1 7 -"]);
  expect(rowsOf(two.path)).toEqual(["x=1 7 -"]);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("who has not heard of the declaration yet sends what is local elsewhere: it is passed over there, and passed on", () => {
  const [one] = pair([]);
  using two = OfflineReplica.copyOf(one, join(folder, "knows.sqlite"), 2, undefined, local);
  using three = OfflineReplica.copyOf(one, join(folder, "knows-not.sqlite"), 3);
  using four = OfflineReplica.copyOf(one, join(folder, "whole-table.sqlite"), 4, undefined, ["parameter"]);
  write(two.path, "INSERT INTO parameter (name, value) VALUES ('node.name', 'second'); UPDATE parameter SET reader = 'b'");
  write(
    one.path,
    "INSERT INTO parameter VALUES ('node.name', 'first', 1, 'a'); UPDATE parameter SET value = 5, reader = 'a' WHERE name = 'volume'",
  );
  expect(two.meet(one)).toBe(2);
  expect(four.meet(one)).toBe(2);
  expect(rowsOf(two.path)).toEqual(["node.name=second 7 b", "volume=5 7 b"]);
  expect(rowsOf(four.path)).toEqual(["volume=3 7 -"]);
  for (const giver of [two, four]) {
    three.meet(giver);
    expect(rowsOf(three.path)).toEqual(["node.name=first 1 a", "volume=5 7 a"]);
  }
  one[Symbol.dispose]();
});

test("a snapshot has nothing of it, not even in pages that are free, and the application's triggers are in it", () => {
  const [one, two] = pair();
  write(
    one.path,
    `CREATE TRIGGER counted AFTER DELETE ON parameter BEGIN SELECT RAISE(ABORT, 'the trigger ran'); END;
     INSERT INTO parameter VALUES ('node.secret', 'SECRET-1', 1, 'a'), ('shared', 'told', 9, 'SECRET-2'); UPDATE parameter SET reader = NULL WHERE name = 'volume'`,
  );
  one.renew(local);
  one.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const copy = join(folder, "copy.sqlite");
  copyFileSync(one.path, copy);
  prepareSnapshot(copy, local);
  expect(rowsOf(copy)).toEqual(["shared=told 7 -", "volume=3 7 -"]);
  expect(readFileSync(copy).includes("SECRET")).toBe(false);
  using application = new DatabaseSync(copy);
  expect(application.prepare("SELECT count(*) AS there FROM sqlite_schema WHERE name = 'counted'").get()).toEqual({ there: 1 });
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("a join, or a fresh copy, replaces everything but what is local", async () => {
  const [one, two] = pair();
  write(one.path, "INSERT INTO parameter (name, value) VALUES ('theme', 'dark'), ('node.name', 'first')");
  write(
    two.path,
    "INSERT INTO parameter VALUES ('node.name', 'second', 2, 'b'); UPDATE parameter SET read_at = 22, reader = 'b' WHERE name = 'volume'",
  );
  write(two.path, "INSERT INTO parameter VALUES ('own', 1, 3, 'b')");
  two.take([]);
  two[Symbol.dispose]();
  one.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const arrived = join(folder, "arrived.sqlite");
  copyFileSync(one.path, arrived);
  prepareSnapshot(arrived, local);
  OfflineReplica.again(arrived, 1, local)[Symbol.dispose]();
  expect(await swapIn(arrived, two.path, { local })).toBe(1);
  expect(rowsOf(two.path)).toEqual(["node.name=second 2 b", "own=1 7 -", "theme=dark 7 -", "volume=3 22 b"]);
  using again = OfflineReplica.again(two.path, 1, local);
  exchangeAll([one, again]);
  expect(compareReplicas([one.path, again.path], local)).toMatchObject({ equal: true, rows: 3 });
  one[Symbol.dispose]();
});

test("keys of several columns say by which of them, and keys that are numbers are compared as text", () => {
  const path = join(folder, "lines.sqlite");
  write(path, "CREATE TABLE line (site INTEGER, name TEXT, v, PRIMARY KEY (site, name)) WITHOUT ROWID");
  using one = OfflineReplica.source(path, [{ table: "line", keys: ["9?"], column: "SITE" }]);
  using two = OfflineReplica.copyOf(one, join(folder, "other.sqlite"), 1, undefined, [{ table: "line", keys: ["9?"], column: "site" }]);
  write(path, "INSERT INTO line VALUES (9, 'a', 1), (90, 'a', 2), (99, 'b', 3), (900, 'c', 4)");
  expect(two.meet(one)).toBe(2);
  expect(two.database.all("SELECT site FROM line")).toEqual([{ site: 9n }, { site: 900n }]);
});

test.each([
  ["a column of the key", "k TEXT PRIMARY KEY, v", { columns: ["k"] }, /column k of table t is part of its primary key/],
  ["a column that nobody else could fill", "k TEXT PRIMARY KEY, v NOT NULL", { columns: ["v"] }, /NOT NULL without a default/],
  ["a column that must be unique", "k TEXT PRIMARY KEY, v UNIQUE", { columns: ["V"] }, /part of a unique index/],
  ["rows beside unique values", "k TEXT PRIMARY KEY, v UNIQUE", { keys: ["*"] }, /unique values beside its key/],
  ["rows by a key of two columns", "k TEXT, l TEXT, PRIMARY KEY (k, l)", { keys: ["*"] }, /say in `column`/],
  ["rows by a column outside of the key", "k TEXT PRIMARY KEY, v TEXT", { keys: ["*"], column: "v" }, /say in `column`/],
  ["rows by a key of any kind", "k REAL PRIMARY KEY", { keys: ["1"] }, /neither as text nor as integer/],
] as const)("refused with the reason: %s", (_, columns, part, reason) => {
  const path = join(folder, "refused.sqlite");
  write(path, `CREATE TABLE t (${columns})`);
  using database = OfflineReplica.source(path, ["t"]);
  const { problems } = readTableForms(database.database, [{ table: "t", ...part }]);
  expect(problems).toEqual([expect.stringMatching(reason)]);
});
