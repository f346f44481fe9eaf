import type { OriginId } from "../../shared/domain/ids.ts";
import type { HybridTime } from "../../shared/domain/replication/hybrid-clock.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { readControl, readOrigins, readPruned, readSettled, vectorOf } from "./change-log-tables.ts";
import { countOpen } from "./rival-rows.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** How far a replica's file is, at one instant. */
export interface FilePosition {
  readonly logEnd: number;
  readonly vector: VersionVector;
  /** Of this node's own writes; null before the file was opened. */
  readonly origin: OriginId | null;
  /** Its numbers up to here were committed when the agent wrote last: on the disk once that is. */
  readonly sealed: number;
  readonly pruned: VersionVector;
  readonly settled: VersionVector;
  /** Log entries up to here are reflected in what merges go by; later ones are this node's own. */
  readonly absorbed: number;
  /** Of the newest write in the file. */
  readonly newestTime: HybridTime;
  /** Conflicts that wait for somebody's decision. */
  readonly openConflicts: number;
}

export const nowhere: FilePosition = {
  logEnd: 0,
  vector: {},
  origin: null,
  sealed: 0,
  pruned: {},
  settled: {},
  absorbed: 0,
  newestTime: 0,
  openConflicts: 0,
};

/** What has left the log stays the same object for as long as it is the same. */
export function readPosition(database: SqliteDatabase, before: FilePosition): FilePosition {
  return database.read(() => {
    const control = readControl(database);
    const origins = readOrigins(database, control);
    return {
      logEnd: control.n,
      vector: vectorOf(origins),
      origin: origins.get(control.origin)?.name ?? null,
      sealed: control.sealed,
      pruned: unlessSame(before.pruned, readPruned(database)),
      settled: unlessSame(before.settled, readSettled(database)),
      absorbed: control.absorbed,
      newestTime: control.hlc,
      openConflicts: countOpen(database),
    };
  });
}

function unlessSame(before: VersionVector, now: VersionVector): VersionVector {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}
