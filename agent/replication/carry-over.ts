import { nodeOf } from "../../shared/domain/replication/origin.ts";
import { covers } from "../../shared/domain/replication/version-vector.ts";
import { type LoggedChange, readLog } from "./change-log.ts";
import { hasChangeLogTables, ownOrigin, readControl, readMeta, readPruned, readVector } from "./change-log-tables.ts";
import { lineageOf } from "./replica-identity.ts";
import { damaged } from "./snapshot-file.ts";
import { applyInTransaction } from "./sqlite-apply.ts";
import { captureOf } from "./sqlite-capture.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import type { DeclaredTables } from "./table-form.ts";

/** Whether the file at `database` is a replica of the same data as this copy, so that what it has and the copy lacks is to be carried over. */
export function isSameData(database: SqliteDatabase, arrived: string): boolean {
  if (!hasChangeLogTables(database)) return false;
  using copy = new SqliteDatabase(arrived);
  return (
    hasChangeLogTables(copy) && lineageOf(copy) === lineageOf(database) && readMeta(copy, "data_set") === readMeta(database, "data_set")
  );
}

/**
 * Brings what the old file has and the copy that now stands in `database` lacks into it: whatever node wrote it, with its own number, time and knowledge, as if it came
 * from another node. Inside the transaction that has put the copy there. Returns the number of changes. Throws, with nothing changed, where the copy lacks what
 * the old file's log has let go itself: then that would be lost.
 */
export function carryOver(old: string, database: SqliteDatabase, declared: DeclaredTables): number {
  using source = new SqliteDatabase(old);
  const has = readVector(database);
  if (!covers(has, readPruned(source))) {
    const message = "the copy lacks changes that were made here and have left the log: it would lose them";
    throw Object.assign(new Error(message), { code: damaged });
  }
  const upTo = readControl(source).n;
  const all = { node: nodeOf(ownOrigin(source)), givenUpTo: null };
  function* lacking(): Generator<LoggedChange> {
    for (let after = 0; after < upTo; ) {
      const { changes, readTo } = readLog(source, after, upTo, has, all);
      yield* changes;
      after = readTo;
    }
  }
  return applyInTransaction(database, captureOf(database, declared), lacking()).changes;
}
