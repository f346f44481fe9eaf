import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readControl } from "../../../agent/replication/change-log-tables.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { jumpGeneratedKeys } from "../../../agent/replication/generated-keys.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import { problemOf } from "../../../agent/replication/sqlite-problem.ts";
import { readTableForms } from "../../../agent/replication/table-form.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { OfflineReplica } from "./offline-replica.ts";

let folder = "";
let paths: [string, string] = ["", ""];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-capture-"));
  paths = [join(folder, "one.sqlite"), join(folder, "two.sqlite")];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pair(prepare: (path: string) => void = createMusicShop): [OfflineReplica, OfflineReplica] {
  prepare(paths[0]);
  const source = OfflineReplica.source(paths[0]);
  return [source, OfflineReplica.copyOf(source, paths[1], 1)];
}

/** Runs SQL as the application on the first server; every change must arrive at the second. */
function replicates(sql: string): void {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  shop.exec(sql);
  expect(two.take(one.changesFor(two)).changes).toBeGreaterThan(0);
  expect(compareReplicas(paths).differences).toEqual([]);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
}

test.each([
  [
    "all kinds of values, to the last bit",
    "INSERT INTO artist (name, rating, picture, anything) VALUES ('a', 3.0, zeroblob(100000), -9223372036854775808), ('b', 1e999, x'00', 0.1), ('c', -0.0, NULL, 'it''s' || char(0) || '♫')",
  ],
  ["a key update with its cascades", "UPDATE artist SET artist_id = 50 WHERE artist_id = 1"],
  ["a delete with its cascades", "DELETE FROM artist WHERE artist_id = 1"],
  ["REPLACE that deletes another row by a unique value", "INSERT OR REPLACE INTO artist (artist_id, name) VALUES (9, 'Accept')"],
  ["UPDATE OR REPLACE that deletes another row", "UPDATE OR REPLACE artist SET name = 'Accept' WHERE artist_id = 2"],
  [
    "REPLACE that was ignored before it was done",
    "INSERT OR IGNORE INTO artist (artist_id, name) VALUES (9, 'Accept'); INSERT OR REPLACE INTO artist (artist_id, name) VALUES (9, 'Aerosmith')",
  ],
  ["an upsert", "INSERT INTO artist (name, rating) VALUES ('Accept', 7) ON CONFLICT (name) DO UPDATE SET rating = excluded.rating"],
  ["a key that changes only its letters' case", "UPDATE setting SET name = 'VOLUME' WHERE name = 'volume'"],
  [
    "composite keys that trade places",
    "UPDATE track SET position = -position; UPDATE track SET position = position + 3 WHERE album_id = 1",
  ],
  ["all rows of a table deleted", "DELETE FROM setting"],
  ["what the application's own trigger writes, once", "INSERT INTO artist (name) VALUES ('x'), ('y')"],
])("capture: %s", (_, sql) => replicates(sql));

test("capture: a transaction that is rolled back, or a savepoint, leaves nothing behind", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  shop.exec("BEGIN; DELETE FROM artist; ROLLBACK; BEGIN; SAVEPOINT s; DELETE FROM setting; ROLLBACK TO s; COMMIT");
  expect(one.changesFor(two)).toEqual([]);
  expect(readControl(one.database).seq).toBe(0);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

const python = spawnSync("python3", ["-c", "import sqlite3; print(sqlite3.sqlite_version)"], { encoding: "utf8" });

test.skipIf(python.status !== 0)(
  "capture: the application brings its own, older SQLite library (python3); nothing is lost or changed",
  () => {
    const [one, two] = pair();
    const script = `
import sqlite3, sys
shop = sqlite3.connect(sys.argv[1])
shop.execute("PRAGMA foreign_keys = ON")
for n in range(200):
    shop.execute("INSERT OR REPLACE INTO artist (artist_id, name, rating, picture, anything) VALUES (?, ?, ?, ?, ?)", (n % 50, "n%d" % (n % 30), n / 7, bytes([n]), n * 2**55 if n < 128 else None))
    shop.commit()
shop.execute("DELETE FROM artist WHERE artist_id > 40")
shop.rollback()
`;
    execFileSync("python3", ["-c", script, paths[0]]);
    two.take(one.changesFor(two));
    expect(compareReplicas(paths).differences).toEqual([]);
    one[Symbol.dispose]();
    two[Symbol.dispose]();
  },
);

test("capture: a database in rollback-journal mode stays in it and replicates all the same", () => {
  const [one, two] = pair((path) => {
    using shop = new DatabaseSync(path);
    shop.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  });
  using shop = new DatabaseSync(paths[0]);
  shop.exec("INSERT INTO t (v) VALUES (1), ('two')");
  two.take(one.changesFor(two));
  expect(compareReplicas(paths)).toMatchObject({ equal: true, rows: 2 });
  expect(shop.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("schema: the application adds a column and writes to it before the agent has looked; the values are captured, and wait for the other's schema", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  shop.exec("ALTER TABLE album ADD COLUMN year INTEGER; INSERT INTO album (album_id, artist_id, title, year) VALUES (9, 1, 'new', 1999)");
  one.renew();
  const changes = one.changesFor(two);
  expect(() => two.take(changes)).toThrow("table album has no column year here");
  using other = openShop(paths[1]);
  other.exec("ALTER TABLE album ADD COLUMN year INTEGER");
  two.take(changes);
  expect(compareReplicas(paths).differences).toEqual([]);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("schema: the application makes a table and fills it before the agent has looked; its rows are captured", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  const sql = "CREATE TABLE genre (name TEXT PRIMARY KEY, parent TEXT)";
  shop.exec(`${sql}; INSERT INTO genre VALUES ('rock', NULL), ('metal', 'rock')`);
  one.renew();
  const changes = one.changesFor(two);
  expect(() => two.take(changes)).toThrow("table genre does not exist here");
  using other = openShop(paths[1]);
  other.exec(sql);
  two.take(changes);
  expect(compareReplicas(paths)).toMatchObject({ equal: true, tables: 7 });
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("schema: a later table without a key is named with the next step, and the others go on", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  shop.exec("CREATE TABLE note (text); INSERT INTO setting VALUES ('later', 1)");
  expect(one.renew()).toEqual(["table note has no primary key: declare it `local` in the data set, or give it a primary key"]);
  expect(two.take(one.changesFor(two)).changes).toBe(1);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("refused: tables without a primary key, and with unique expressions, are all named at once; the database is left untouched", () => {
  using shop = new DatabaseSync(paths[0]);
  shop.exec(
    "CREATE TABLE a (x); CREATE TABLE b (id INTEGER PRIMARY KEY, e TEXT); CREATE UNIQUE INDEX lower_e ON b (lower(e)); CREATE TABLE c (id INTEGER PRIMARY KEY)",
  );
  expect(() => OfflineReplica.source(paths[0])).toThrow(
    /table a has no primary key: declare it `local`.*table b has a unique index on an expression/,
  );
  expect(shop.prepare("SELECT count(*) AS own FROM sqlite_schema WHERE name LIKE '%understudy%'").get()).toEqual({ own: 0 });
  using replica = OfflineReplica.source(paths[0], ["A", "b"]);
  expect(readTableForms(replica.database, ["A", "b"]).forms.map((form) => form.table)).toEqual(["c"]);
});

/** What a person is told of a file that cannot be a source. */
function told(path: string): string {
  try {
    using replica = OfflineReplica.source(path);
    return replica.path;
  } catch (error) {
    return problemOf(error, path).message;
  }
}

test("refused: a file that is no database, a damaged one, and a missing one are told apart, with the next step", () => {
  writeFileSync(paths[0], "this is not a database, only a text that somebody has put here".repeat(20));
  expect(told(paths[0])).toContain("is not an SQLite database: correct the data set's path");
  createMusicShop(paths[1]);
  const bytes = readFileSync(paths[1]);
  writeFileSync(paths[1], bytes.fill(0xff, 4_096));
  expect(told(paths[1])).toMatch(/damaged|malformed/);
  expect(told(join(folder, "missing.sqlite"))).toContain("cannot be opened");
});

test("apply: half of what came cannot be applied; nothing of it is shown, and the vector has not moved", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  shop.exec("BEGIN; INSERT INTO setting VALUES ('a', 1); INSERT INTO setting VALUES ('b', 1); COMMIT");
  const changes = one.changesFor(two);
  const broken = function* () {
    yield* changes.slice(0, 1);
    throw new Error("the disk is full");
  };
  expect(() => two.take(broken())).toThrow("the disk is full");
  expect(two.database.number("SELECT count(*) FROM setting WHERE name IN ('a', 'b')")).toBe(0);
  expect(() => two.take(changes.slice(1))).toThrow("changes 1 to 1 of node_00000000000000000000");
  expect(two.take(changes).changes).toBe(2);
  expect(two.take(changes).changes).toBe(0);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("conflict: two servers wrote one row; the later write stands on both, and each journal holds the loser", () => {
  const [one, two] = pair();
  using first = openShop(paths[0]);
  using second = openShop(paths[1]);
  first.exec("UPDATE setting SET value = 'first' WHERE name = 'theme'");
  second.exec("UPDATE setting SET value = 'second' WHERE name = 'theme'");
  expect(two.meet(one) + one.meet(two)).toBe(2);
  expect(compareReplicas(paths).equal).toBe(true);
  for (const { database } of [one, two]) {
    expect(database.all("SELECT reason, tbl, winner_origin < loser_origin AS odd FROM _understudy_conflict")).toEqual([
      { reason: "same-row", tbl: "setting", odd: expect.any(BigInt) },
    ]);
  }
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("conflict: two servers gave one unique name to different rows; one row stands everywhere, and the other comes back when that is gone", () => {
  const [one, two] = pair();
  using first = openShop(paths[0]);
  using second = openShop(paths[1]);
  first.exec("INSERT INTO artist (artist_id, name) VALUES (100, 'Same')");
  second.exec("INSERT INTO artist (artist_id, name) VALUES (200, 'Same')");
  two.meet(one);
  one.meet(two);
  expect(compareReplicas(paths).equal).toBe(true);
  const standing = first.prepare("SELECT artist_id FROM artist WHERE name = 'Same'").all();
  expect(standing).toHaveLength(1);
  first.exec("DELETE FROM artist WHERE name = 'Same'");
  one.take([]);
  two.meet(one);
  expect(first.prepare("SELECT artist_id FROM artist WHERE name = 'Same'").all()).toHaveLength(1);
  expect(first.prepare("SELECT artist_id FROM artist WHERE name = 'Same'").all()).not.toEqual(standing);
  expect(compareReplicas(paths).equal).toBe(true);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("generated keys: a node that becomes operational goes on in its own part of the next million", () => {
  const [one, two] = pair();
  using shop = openShop(paths[0]);
  jumpGeneratedKeys(one.database, readTableForms(one.database, []).forms, 2);
  shop.exec("INSERT INTO artist (name) VALUES ('after')");
  expect(shop.prepare("SELECT max(artist_id) AS id FROM artist").get()).toEqual({ id: 1_250_001 });
  jumpGeneratedKeys(one.database, readTableForms(one.database, []).forms, 0);
  shop.exec("INSERT INTO artist (name) VALUES ('later')");
  expect(shop.prepare("SELECT max(artist_id) AS id FROM artist").get()).toEqual({ id: 2_000_001 });
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("locked: a database that another process keeps locked is a wait, with its cause and the next step", () => {
  createMusicShop(paths[0]);
  using shop = openShop(paths[0]);
  shop.exec("BEGIN EXCLUSIVE");
  const database = new SqliteDatabase(paths[0]);
  let problem: unknown;
  try {
    database.write(() => undefined);
  } catch (error) {
    problem = problemOf(error, paths[0]);
  }
  database.close();
  expect(problem).toEqual({ outlook: "wait", message: expect.stringMatching(/locked by another process.*fuser/) });
});
