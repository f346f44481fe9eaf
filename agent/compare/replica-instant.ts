import type { ReplicaInstant } from "../../shared/domain/replication/drift.ts";
import { readControl, readOrigins, readPruned, vectorOf } from "../replication/change-log-tables.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";

/** How far a replica's file is at the instant of a read snapshot, as far as it concerns one table. */
export function readInstant(database: SqliteDatabase, table: string): ReplicaInstant {
  const control = readControl(database);
  // A row that waits for a unique value comes back when the agent has looked at this node's own last writes.
  const isSettled =
    control.absorbed >= control.n || database.get("SELECT 1 FROM _understudy_displaced WHERE tbl = ? LIMIT 1", table) === undefined;
  return { vector: vectorOf(readOrigins(database, control)), pruned: readPruned(database), isSettled };
}
