import { statSync } from "node:fs";
import { databaseExists, SqliteDatabase } from "./sqlite-database.ts";

/** Tells one file from another that was put in its place; undefined where there is none. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
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
