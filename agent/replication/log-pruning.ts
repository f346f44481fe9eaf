import { beyondLimits, type LogLimits, type LogUse, useOf } from "../../shared/domain/replication/log-limits.ts";
import { PruneMoment } from "../../shared/domain/replication/prune-moment.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { entriesInLog, extentOfLog, letGoBeyond, pruneEntriesMax, pruneLog } from "./change-log.ts";
import { type Capture, contestedTables } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** The thread has streams to look after; others may write between one transaction and the next. */
const letGoMsMax = 250;

/** Lets entries leave one file's log, when the moment is good for it. */
export class LogPruning {
  readonly #moment = new PruneMoment();
  readonly #limits: LogLimits;

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  opened(database: SqliteDatabase, vector: VersionVector): void {
    this.#moment.opened(vector, entriesInLog(database, pruneEntriesMax), performance.now());
  }

  isNow(stable: VersionVector, logEnd: number): boolean {
    return this.#moment.isNow(stable, logEnd, performance.now());
  }

  /** How much of its limits the log uses up; undefined while it is empty. */
  useOf(database: SqliteDatabase): LogUse | undefined {
    const extent = extentOfLog(database);
    return extent === undefined ? undefined : useOf(this.#limits, extent, Date.now());
  }

  /** Lets go what is beyond the limits and covered by `spare`, for a short while at a time. Returns how many entries went. */
  letGo(database: SqliteDatabase, spare: VersionVector, absorb: () => void): number {
    const extent = extentOfLog(database);
    const upTo = extent === undefined ? 0 : beyondLimits(this.#limits, extent, Date.now());
    if (upTo === 0) return 0;
    absorb();
    const untilMs = performance.now() + letGoMsMax;
    let entries = 0;
    for (let gone = pruneEntriesMax; gone >= pruneEntriesMax && performance.now() < untilMs; entries += gone) {
      gone = letGoBeyond(database, spare, upTo);
    }
    return entries;
  }

  /** Returns how many entries went. */
  prune(database: SqliteDatabase, capture: Capture, stable: VersionVector): number {
    const pruned = pruneLog(database, stable, contestedTables(capture));
    // A full round may have left some behind: then the next one goes on.
    if (pruned < pruneEntriesMax) this.#moment.pruned(stable, performance.now());
    return pruned;
  }
}
