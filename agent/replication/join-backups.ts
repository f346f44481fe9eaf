import { open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { backup } from "node:sqlite";
import { limits } from "../../shared/config/limits.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

/** Copies a database, safely on the disk, before a join replaces its contents. Returns the copy's path. */
export async function saveBeforeJoin(path: string): Promise<string> {
  const saved = `${path}.before-join-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  const database = new SqliteDatabase(path);
  try {
    await backup(database.connection, saved);
  } catch (error) {
    await rm(saved, { force: true });
    throw error;
  } finally {
    database.close();
  }
  const file = await open(saved, "r+");
  await file.sync();
  await file.close();
  return saved;
}

/** What earlier joins have saved of a database, the newest first. */
export async function joinBackups(path: string): Promise<string[]> {
  const folder = dirname(path);
  const saved = (await readdir(folder)).filter((file) => file.startsWith(`${basename(path)}.before-join-`) && file.endsWith("Z"));
  return saved
    .toSorted()
    .toReversed()
    .map((file) => join(folder, file));
}

export async function removeOldBackups(path: string): Promise<void> {
  for (const old of (await joinBackups(path)).slice(limits.joinBackupsKeptMax)) await rm(old, { force: true });
}
