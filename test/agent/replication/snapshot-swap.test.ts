import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { swapIn } from "../../../agent/replication/snapshot-swap.ts";

const isRoot = process.getuid?.() === 0;
const applicationsUser = 12_345;
const applicationsGroup = 23_456;

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
    expect(await swapIn(snapshot, path, [])).toBeUndefined();
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: applicationsUser, gid: applicationsGroup, mode: 0o640 });
  });

  it.skipIf(!isRoot)("what SQLite makes beside it belongs to the same user", async () => {
    chownSync(join(folder, "application"), applicationsUser, applicationsGroup);
    await swapIn(snapshot, path, []);
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
    await swapIn(snapshot, path, []);
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it("a database that the application has made meanwhile keeps its owner and its rights", async () => {
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE phone (user TEXT PRIMARY KEY)");
    database.close();
    chmodSync(path, 0o604);
    if (isRoot) chownSync(path, applicationsUser, applicationsGroup);
    const before = statSync(path);
    expect(await swapIn(snapshot, path, [])).toContain(".before-join-");
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode }).toEqual({ uid: before.uid, gid: before.gid, mode: before.mode });
  });
});
