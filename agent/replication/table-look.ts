import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { becomeOwnerOf } from "./become-owner.ts";
import type { LookedTables } from "./looked-tables.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { isLocked, problemOf } from "./sqlite-problem.ts";
import { readTableForms } from "./table-form.ts";

/*
 * A program of its own, run for each look at an application's database before its node joins: on a disk that hangs nothing but this hangs. Called with the path and, as JSON, the
 * tables that are declared `local`; writes what it has found as one line of JSON. It reads as whoever owns the file.
 */

const busyTimeoutMs = 2_000;
/** Somebody mends them one after the other. */
const problemsMax = 10;

function look(path: string, local: readonly LocalPart[]): LookedTables {
  try {
    becomeOwnerOf(path);
    using database = new SqliteDatabase(path, busyTimeoutMs);
    const { forms, problems } = database.read(() => readTableForms(database, local));
    const more = problems.length > problemsMax ? [`${problems.length - problemsMax} more`] : [];
    return { kind: "database", tables: forms.length, problems: [...problems.slice(0, problemsMax), ...more] };
  } catch (error) {
    return isLocked(error) ? { kind: "busy" } : { kind: "unreadable", problem: problemOf(error, path).message };
  }
}

const [path = "", local = "[]"] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(look(path, JSON.parse(local) as readonly LocalPart[]))}\n`);
