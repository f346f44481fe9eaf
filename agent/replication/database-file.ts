import { statSync } from "node:fs";
import { databaseExists, SqliteDatabase } from "./sqlite-database.ts";

/** Tells one file from another that was put in its place; undefined where there is none. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Another one after every boot of the machine, and of every copy of the file: an older one that was put in its place is one, however it was made. */
export function placeOf(path: string, boot: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${boot} ${ino} ${birthtimeNs}`;
}

/** Wall-clock time at which the file was made, or copied to where it is, in whole milliseconds. */
export function madeAtMs(path: string): number {
  return Math.ceil(statSync(path).birthtimeMs);
}

/** An application's database stands at the path, with at least one table. Throws where the file is none. */
export function hasTables(path: string): boolean {
  if (!databaseExists(path)) return false;
  const database = new SqliteDatabase(path);
  try {
    return database.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'") !== undefined;
  } finally {
    database.close();
  }
}

/** Does something with a database that is left closed where it fails. */
export function closingOnError<Result>(database: SqliteDatabase, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What only an open replica has. */
export function present<Thing>(thing: Thing | undefined, path: string): Thing {
  if (thing === undefined) throw new Error(`${path} is not open`);
  return thing;
}
