import { PruneMoment } from "../../shared/domain/replication/prune-moment.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { entriesInLog, pruneEntriesMax, pruneLog } from "./change-log.ts";
import { type Capture, contestedTables } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Lets entries leave one file's log, when the moment is good for it. */
export class LogPruning {
  readonly #moment = new PruneMoment();

  opened(database: SqliteDatabase, vector: VersionVector): void {
    this.#moment.opened(vector, entriesInLog(database, pruneEntriesMax), performance.now());
  }

  isNow(stable: VersionVector, logEnd: number): boolean {
    return this.#moment.isNow(stable, logEnd, performance.now());
  }

  /** Returns how many entries went. */
  prune(database: SqliteDatabase, capture: Capture, stable: VersionVector): number {
    const pruned = pruneLog(database, stable, contestedTables(capture));
    // A full round may have left some behind: then the next one goes on.
    if (pruned < pruneEntriesMax) this.#moment.pruned(stable, performance.now());
    return pruned;
  }
}
