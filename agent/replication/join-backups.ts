import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { backup } from "node:sqlite";
import { limits } from "../../shared/config/limits.ts";
import { syncDirectory } from "../storage/durable-file.ts";
import { giveToApplication } from "./application-owner.ts";
import { removeDatabase } from "./consistent-copy.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

const infix = ".before-join-";
const unfinished = ".partial";
/** At a time: fewer steps than SQLite's own choice, since the database is locked meanwhile. */
const pagesAtOnce = 4_096;

/**
 * Copies a database, safely on the disk, before a join replaces its contents: for whoever owns its folder, under its name only when it is whole. The
 * caller keeps others from writing meanwhile. Resolves with the copy's path.
 */
export async function saveBeforeJoin(path: string): Promise<string> {
  for (const left of await savedBeside(path, unfinished)) await removeDatabase(left);
  const saved = `${path}${infix}${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  const file = await open(saved + unfinished, "wx", 0o600);
  try {
    await copyInto(saved + unfinished, path);
    await giveToApplication(saved + unfinished);
    await file.sync();
    await rename(saved + unfinished, saved);
    await syncDirectory(dirname(saved));
    return saved;
  } catch (error) {
    await removeDatabase(saved + unfinished);
    throw error;
  } finally {
    await file.close();
  }
}

async function copyInto(copy: string, path: string): Promise<void> {
  const database = new SqliteDatabase(path);
  try {
    await backup(database.connection, copy, { rate: pagesAtOnce });
  } finally {
    database.close();
  }
}

/** What earlier joins have saved of a database, the newest first. */
export async function joinBackups(path: string): Promise<string[]> {
  return (await savedBeside(path, "Z")).toSorted().toReversed();
}

/** When a backup was made, ISO 8601. */
export function savedAtOf(saved: string): string {
  const [date = "", time = ""] = saved.slice(saved.lastIndexOf(infix) + infix.length).split("T");
  const [hours, minutes, seconds, thousandths] = time.split("-");
  return `${date}T${hours}:${minutes}:${seconds}.${thousandths}`;
}

export async function removeOldBackups(path: string): Promise<void> {
  for (const old of (await joinBackups(path)).slice(limits.joinBackupsKeptMax)) await rm(old, { force: true });
}

async function savedBeside(path: string, ending: string): Promise<string[]> {
  const folder = dirname(path);
  const files = await readdir(folder);
  return files.filter((file) => file.startsWith(basename(path) + infix) && file.endsWith(ending)).map((file) => join(folder, file));
}
