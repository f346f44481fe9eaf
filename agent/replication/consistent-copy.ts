import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { databaseExists, SqliteDatabase } from "./sqlite-database.ts";

const run = promisify(execFile);

/**
 * Copies a database as it is at one instant, with the system's `cp`, which shares the blocks where the file system can (a copy in no time) and
 * stays in the kernel where it cannot. A read transaction holds meanwhile. With a write-ahead log nobody waits for it: what is committed
 * later goes to the log, and no frame that this transaction needs is overwritten, so file and log together are one instant's. With a rollback
 * journal the application's commits wait until it is over.
 *
 * `cp` is a process of its own for a reason: closing a file in this process would drop the locks that SQLite holds on it here.
 */
export async function copyConsistently(path: string, copy: string): Promise<void> {
  await removeDatabase(copy);
  const source = new SqliteDatabase(path);
  try {
    source.exec("BEGIN");
    // The transaction begins with its first read, not before.
    source.get("SELECT 1 FROM sqlite_schema");
    await run("cp", ["--reflink=auto", "--", path, copy]);
    if (databaseExists(`${path}-wal`)) await run("cp", ["--reflink=auto", "--", `${path}-wal`, `${copy}-wal`]);
  } finally {
    source.close();
  }
}

/** With everything that SQLite may have put beside it, or only that. */
export async function removeDatabase(path: string, suffixes: readonly string[] = ["", "-journal", "-wal", "-shm"]): Promise<void> {
  await Promise.all(suffixes.map((suffix) => rm(path + suffix, { force: true })));
}
