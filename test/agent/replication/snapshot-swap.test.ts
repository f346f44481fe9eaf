import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { swapIn } from "../../../agent/replication/snapshot-swap.ts";

const isRoot = process.getuid?.() === 0;
const applicationsUser = 12_345;
const applicationsGroup = 23_456;

function phones(file: string): unknown[] {
  using database = new DatabaseSync(file);
  return database
    .prepare("SELECT user FROM phone")
    .all()
    .map(({ user }) => user);
}

describe("a snapshot is put where there was no database", () => {
  let folder: string;
  let snapshot: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "snapshot-swap-"));
    snapshot = join(folder, "snapshot");
    const database = new DatabaseSync(snapshot);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE phone (user TEXT PRIMARY KEY); INSERT INTO phone VALUES ('100')");
    database.close();
    chmodSync(snapshot, 0o600);
    mkdirSync(join(folder, "application"));
    path = join(folder, "application", "phones.db");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.skipIf(!isRoot)("its owner is the folder's: an application with a user of its own can open it", async () => {
    chmodSync(join(folder, "application"), 0o755);
    chownSync(join(folder, "application"), applicationsUser, applicationsGroup);
    expect(await swapIn(snapshot, path, { local: [] })).toBe(0);
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: applicationsUser, gid: applicationsGroup, mode: 0o640 });
  });

  it.skipIf(!isRoot)("what SQLite makes beside it belongs to the same user", async () => {
    chownSync(join(folder, "application"), applicationsUser, applicationsGroup);
    await swapIn(snapshot, path, { local: [] });
    const database = new DatabaseSync(path);
    try {
      database.exec("INSERT INTO phone VALUES ('101')");
      expect(["-wal", "-shm"].map((suffix) => statSync(path + suffix).uid)).toEqual([applicationsUser, applicationsUser]);
    } finally {
      database.close();
    }
  });

  it("a folder that a group shares: the group may write it, and the rest of the world not even read it", async () => {
    chmodSync(join(folder, "application"), 0o777);
    await swapIn(snapshot, path, { local: [] });
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it("a database that the application has made meanwhile keeps its owner and its rights, and what it held is kept for the folder's owner", async () => {
    if (isRoot) chownSync(join(folder, "application"), applicationsUser, applicationsGroup);
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE phone (user TEXT PRIMARY KEY); INSERT INTO phone VALUES ('99')");
    database.close();
    chmodSync(path, 0o604);
    if (isRoot) chownSync(path, applicationsUser, applicationsGroup);
    const before = statSync(path);
    await swapIn(snapshot, path, { local: [] });
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode }).toEqual({ uid: before.uid, gid: before.gid, mode: before.mode });
    const [saved = "", ...others] = backups();
    expect(others).toEqual([]);
    expect(phones(saved)).toEqual(["99"]);
    expect(phones(path)).toEqual(["100"]);
    const kept = statSync(saved);
    expect([kept.uid, kept.gid, kept.mode & 0o007]).toEqual([before.uid, before.gid, 0]);
  });

  it("a database that is locked stays as it is, and nothing is left beside it; what a kill has left there goes", async () => {
    using database = new DatabaseSync(path);
    database.exec(
      "PRAGMA journal_mode = WAL; CREATE TABLE phone (user TEXT PRIMARY KEY); INSERT INTO phone VALUES ('99'); BEGIN IMMEDIATE",
    );
    await expect(swapIn(snapshot, path, { local: [] })).rejects.toThrow("locked");
    expect(backups()).toEqual([]);
    database.exec("ROLLBACK");
    expect(phones(path)).toEqual(["99"]);
    writeFileSync(`${path}.before-join-2026-01-01T00-00-00-000Z.partial`, "torn");
    await swapIn(snapshot, path, { local: [] });
    expect(phones(path)).toEqual(["100"]);
    expect(backups().map((saved) => phones(saved))).toEqual([["99"]]);
  });

  it("what earlier joins have saved does not fill the disk: the newest three are kept", async () => {
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE phone (user TEXT PRIMARY KEY)");
    database.close();
    for (const day of [1, 2, 3, 4]) writeFileSync(`${path}.before-join-2026-01-0${day}T00-00-00-000Z`, "old");
    await swapIn(snapshot, path, { local: [] });
    expect(backups().map((saved) => saved.slice(path.length, path.length + 23))).toEqual([
      ".before-join-2026-01-03",
      ".before-join-2026-01-04",
      expect.stringMatching(/^.before-join-20/),
    ]);
  });

  function backups(): string[] {
    const beside = readdirSync(join(folder, "application")).filter((file) => file.includes(".before-join-"));
    return beside.toSorted().map((file) => join(folder, "application", file));
  }
});
