import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { encodeRow } from "../../../agent/replication/row-codec.ts";
import { replaceContents } from "../../../agent/replication/snapshot-swap.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { OfflineReplica } from "./offline-replica.ts";

/*
 * Who is killed with -9 leaves the files as they are at that instant: the kernel has what was written. So a copy of them, made before a statement of the agent's, is what a
 * kill just then leaves, and every statement of a step can be tried. What dies in the middle of one, and what the power takes, is SQLite's to mend, and the simulation's to try.
 */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "killed-anywhere-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Every copy is opened as after a crash; a busy machine takes its time for that. */
const patient = { timeout: 60_000 };
const pathOf = (name: string) => join(folder, `${name}.sqlite`);

function copyFiles(from: string, to: string): void {
  rmSync(`${to}-wal`, { force: true });
  rmSync(`${to}-shm`, { force: true });
  copyFileSync(from, to);
  if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}-wal`);
}

/** Does a step on this file, with a copy for each statement that writes, made before it. Returns the copies. */
async function killedAnywhere(path: string, step: () => unknown): Promise<string[]> {
  const left: string[] = [];
  const keep = () => {
    const copy = pathOf(`left-${left.length}`);
    copyFiles(path, copy);
    left.push(copy);
  };
  const exec = Reflect.get(SqliteDatabase.prototype, "exec");
  const run = Reflect.get(SqliteDatabase.prototype, "run");
  vi.spyOn(SqliteDatabase.prototype, "exec").mockImplementation(function (this: SqliteDatabase, sql) {
    keep();
    exec.call(this, sql);
  });
  vi.spyOn(SqliteDatabase.prototype, "run").mockImplementation(function (this: SqliteDatabase, sql, ...values) {
    keep();
    return run.call(this, sql, ...values);
  });
  await step();
  keep();
  vi.restoreAllMocks();
  return left;
}

/** Two replicas of a shop, the first of which has written what the second lacks, and the second something of its own. */
function pair(): [OfflineReplica, OfflineReplica] {
  createMusicShop(pathOf("one"));
  const one = OfflineReplica.source(pathOf("one"));
  const two = OfflineReplica.copyOf(one, pathOf("two"), 1);
  using first = openShop(one.path);
  first.exec(
    `UPDATE artist SET artist_id = 50 WHERE artist_id = 1; INSERT OR REPLACE INTO artist (artist_id, name) VALUES (9, 'Accept');
     DELETE FROM setting; INSERT INTO setting VALUES ('a', 1), ('b', 2)`,
  );
  using second = openShop(two.path);
  second.exec("UPDATE artist SET rating = 7; INSERT INTO setting VALUES ('own', 3)");
  return [one, two];
}

/** Some of them, the first and the last among them: to take one up again costs much more than to look at it. */
function everyFew(left: readonly string[], few: number): string[] {
  return left.filter((_, index) => index % few === 0 || index === left.length - 1);
}

/** What a person sees of the file, as one text. */
function shown(path: string): string {
  using database = new SqliteDatabase(path);
  const tables = ["artist", "album", "track", "setting"].map((table) => [...database.rows(`SELECT * FROM ${table} ORDER BY 1, 2`)]);
  return tables.flatMap((rows) => rows.map((row) => Buffer.from(encodeRow(row)).toString("hex"))).join("\n");
}

/** Each copy, taken up again, comes to the same as the replica that nobody has killed. */
function eachGoesOn(left: readonly string[], goOn: (replica: OfflineReplica) => void, expected: string): void {
  for (const copy of left) {
    const replica = OfflineReplica.again(copy, 1);
    goOn(replica);
    replica[Symbol.dispose]();
    expect(compareReplicas([copy, expected]).differences, copy).toEqual([]);
  }
}

test(
  "capture is set up: killed before any statement of it, the file is an application's still or a replica, and the next start makes it one",
  patient,
  async () => {
    createMusicShop(pathOf("one"));
    const before = shown(pathOf("one"));
    const left = await killedAnywhere(pathOf("one"), () => OfflineReplica.source(pathOf("one"))[Symbol.dispose]());
    expect(left.length).toBeGreaterThan(20);
    for (const copy of everyFew(left, 3)) {
      expect(shown(copy)).toBe(before);
      using replica = OfflineReplica.source(copy);
      using shop = openShop(copy);
      shop.exec("INSERT INTO setting VALUES ('captured', 1)");
      expect(replica.take([]).conflicts).toBe(0);
      expect(replica.database.number("SELECT count(*) FROM _understudy_log")).toBe(1);
    }
  },
);

test(
  "what another node wrote is applied, in a conflict with own writes: all of it shows, or nothing, and again it counts once",
  patient,
  async () => {
    const [one, two] = pair();
    const changes = one.changesFor(two);
    const before = shown(two.path);
    const left = await killedAnywhere(two.path, () => two.take(changes));
    const after = shown(two.path);
    expect(left.length).toBeGreaterThan(20);
    expect([...new Set(everyFew(left, 2).map(shown))]).toEqual([before, after]);
    const journalled = two.database.number("SELECT count(*) FROM _understudy_conflict");
    eachGoesOn(
      everyFew(left, 4),
      (replica) => {
        replica.take(changes);
        expect(replica.take(changes).changes).toBe(0);
        expect(replica.database.number("SELECT count(*) FROM _understudy_conflict")).toBe(journalled);
      },
      two.path,
    );
    one[Symbol.dispose]();
    two[Symbol.dispose]();
  },
);

test(
  "what everybody has leaves the log: killed before any statement of it, nothing is lost, and nothing comes twice",
  patient,
  async () => {
    const [one, two] = pair();
    two.meet(one);
    one.meet(two);
    two.meet(one);
    const left = await killedAnywhere(two.path, () => two.prune([one]));
    expect(two.database.number("SELECT count(*) FROM _understudy_log")).toBe(0);
    eachGoesOn(left, (replica) => expect(replica.meet(one)).toBe(0), one.path);
    one[Symbol.dispose]();
    two[Symbol.dispose]();
  },
);

test(
  "a fresh copy is put in the place of a replica that wrote alone: the old contents, or the new with what it wrote, and the next attempt ends right",
  patient,
  async () => {
    const [one, two] = pair();
    two[Symbol.dispose]();
    one.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const arrived = pathOf("arrived");
    copyFileSync(one.path, arrived);
    OfflineReplica.again(arrived, 1)[Symbol.dispose]();
    const before = shown(two.path);
    const left = await killedAnywhere(two.path, () => replaceContents(arrived, two.path, { local: [] }));
    const after = shown(two.path);
    expect(left.length).toBeGreaterThan(20);
    expect([...new Set(everyFew(left, 2).map(shown))]).toEqual([before, after]);
    for (const copy of everyFew(left, 9)) {
      await replaceContents(arrived, copy, { local: [] });
      expect(shown(copy)).toBe(after);
    }
    eachGoesOn([two.path], (replica) => expect(one.meet(replica)).toBeGreaterThan(0), one.path);
    one[Symbol.dispose]();
  },
);
