import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { becomeOwnerOf } from "./become-owner.ts";

/*
 * A program of its own, run for each look at a shared SQLite file: on a disk or a share that hangs nothing but this hangs. Ends with 0 where the file is a database with
 * tables that can be read, else with 1 and the reason as its last words. It reads as whoever owns the file, so that nothing it makes beside it is in the application's way.
 */

const busyTimeoutMs = 1_000;

function look(path: string): string | null {
  becomeOwnerOf(path);
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "ro");
  const database = new DatabaseSync(url, { readOnly: true, timeout: busyTimeoutMs });
  try {
    const found = database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table'").get();
    return Number(found?.["tables"]) > 0 ? null : "it has no tables";
  } finally {
    database.close();
  }
}

function problemOf(path: string): string | null {
  try {
    return look(path);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const problem = problemOf(process.argv[2] ?? "");
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
