import type { VersionVector } from "./replication-status.ts";
import { missingFrom } from "./version-vector.ts";

/** So much may leave the log before it is worth a lock. */
const changesMin = 1_000;
/** So much, and a busy application is not waited for. */
const changesOverdue = 10_000;
/** Something that is left for so long goes, however little it is: what an application has deleted shall not stay in the log for ever. */
const keptMsMax = 3_600_000;

/**
 * When to let entries leave the log. That takes the application's write lock for some milliseconds, and an application whose SQLite waits for
 * no lock (no busy timeout) fails a write that it makes just then. So it is done for many entries at once, and when
 * nothing has been written since the last look.
 */
export class PruneMoment {
  /** Up to where nothing is left to go, but for `#leftOver`: entries that were in the log when the file was opened. */
  #prunedTo: VersionVector = {};
  #leftOver = 0;
  #prunedAtMs = Number.POSITIVE_INFINITY;
  /** At the last look. */
  #logEnd = 0;

  /** A file has been opened that has come so far, with so many entries in its log. */
  opened(vector: VersionVector, entries: number, nowMs: number): void {
    this.pruned(vector, nowMs);
    this.#leftOver = entries;
  }

  /** Asked every few seconds while more may go. `stable`: what may; nothing as long as some member has not been heard. */
  isNow(stable: VersionVector, logEnd: number, nowMs: number): boolean {
    const isAtRest = logEnd === this.#logEnd;
    this.#logEnd = logEnd;
    if (missingFrom({}, stable) === 0) return false;
    const waiting = this.#leftOver + missingFrom(this.#prunedTo, stable);
    if (waiting >= changesOverdue) return true;
    return isAtRest && (waiting >= changesMin || (waiting > 0 && nowMs - this.#prunedAtMs >= keptMsMax));
  }

  pruned(stable: VersionVector, nowMs: number): void {
    this.#prunedTo = stable;
    this.#leftOver = 0;
    this.#prunedAtMs = nowMs;
  }
}
