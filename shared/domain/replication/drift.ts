import type { VersionVector } from "./replication-status.ts";
import { covers } from "./version-vector.ts";

/** Which rows a replica shows at one instant of its file: all follows from what it has merged by then. */
export interface ReplicaInstant {
  readonly vector: VersionVector;
  /** No row of the table waits to be put back for a unique value that this node's own last writes have freed. */
  readonly isSettled: boolean;
  /** What may have left this file's log. */
  readonly pruned: VersionVector;
}

/**
 * Whether a replica, at this instant of its file, can judge rows that another one showed when it was at `asked`. It must have merged all that
 * the other had, or a difference may be what is still on its way; and all that it has merged beyond that must be in its log, or it cannot say
 * which rows that has changed.
 */
export function canJudge(asked: VersionVector, { vector, isSettled, pruned }: ReplicaInstant): boolean {
  return isSettled && covers(vector, asked) && covers(asked, pruned);
}

/** Rows of one table, by key: a digest of each. A row that is not there has no entry. */
export type ShownRows = ReadonlyMap<string, string>;

/** What the judging replica has merged beyond the instant at which the other showed its rows. */
export interface MergedSince {
  /** Keys of the rows of this table that were written. */
  readonly written: ReadonlySet<string>;
  /** The table has unique values beside its key: a write to one row may take another away, or bring it back. */
  readonly isContested: boolean;
}

/**
 * The keys of rows that have drifted apart; undefined where that cannot be said now. Which row stands is decided by the writes alone, so a row that no write
 * beyond those both have merged has touched must be the same on both. This needs no pause of the applications and no second look: there are no false findings,
 * whatever is written meanwhile, be it back and forth between two values.
 */
export function driftedRows(shown: ShownRows, own: ShownRows, { written, isContested }: MergedSince): readonly string[] | undefined {
  if (isContested && written.size > 0) return undefined;
  const keys = new Set([...shown.keys(), ...own.keys()]);
  return [...keys].filter((key) => shown.get(key) !== own.get(key) && !written.has(key));
}
