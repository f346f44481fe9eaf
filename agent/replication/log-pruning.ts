import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { stablePart } from "../../shared/domain/replication/version-vector.ts";
import { pruneLog } from "./change-log.ts";
import { type Capture, contestedTables } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

const pruneEveryMs = 2_000;

/** Lets log entries go that every member has: now and then, and only where more has become stable since the last time. */
export class LogPruning {
  #prunedAtMs = 0;
  #prunedTo = "{}";

  /** What may go now; undefined where there is nothing to do. */
  due(own: VersionVector, members: readonly VersionVector[]): VersionVector | undefined {
    if (performance.now() - this.#prunedAtMs < pruneEveryMs) return undefined;
    this.#prunedAtMs = performance.now();
    const stable = stablePart(own, members);
    return JSON.stringify(stable) === this.#prunedTo ? undefined : stable;
  }

  prune(database: SqliteDatabase, capture: Capture, stable: VersionVector): void {
    // A full round may have left some behind: then the next one goes on.
    if (pruneLog(database, stable, contestedTables(capture)) === 0) this.#prunedTo = JSON.stringify(stable);
  }

  /** Another file has a log of its own. */
  forget(): void {
    this.#prunedTo = "{}";
  }
}
