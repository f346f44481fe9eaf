import type { RowVersion } from "../../../shared/domain/replication/change.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { seqIn } from "../../../shared/domain/replication/version-vector.ts";

/*
 * What a replica lets go, as `pruneLog` (agent/replication/change-log.ts) says it to SQLite in one statement for all rows.
 */

/** Whether every member has this change: its log entry may go. */
export function isSettled(stable: VersionVector, { origin, seq }: Pick<RowVersion, "origin"> & { readonly seq: number }): boolean {
  return seqIn(stable, origin) >= seq;
}

/** Whether a write that lost may be forgotten: whatever comes knows it, and nobody is to decide about it. */
export function mayForgetRival({ settled, isOpen }: { readonly settled: boolean; readonly isOpen: boolean }): boolean {
  return settled && !isOpen;
}

/**
 * Whether a row's newest write may be forgotten: every member has it, so the row can meet no older one any more. Where rows of a table can claim one
 * unique value, which of two stands depends on when each was written, and members forget at different times: their standing rows keep it for
 * good, and so does a row that waits for a value.
 */
export function mayForgetWrite(row: {
  readonly settled: boolean;
  readonly contested: boolean;
  readonly stands: boolean;
  readonly displaced: boolean;
  /** Some of its columns are of other writes, which are not all forgotten. */
  readonly hasColumns: boolean;
}): boolean {
  return row.settled && !(row.contested && row.stands) && !row.displaced && !row.hasColumns;
}
