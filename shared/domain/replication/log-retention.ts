import type { RowVersion } from "./change.ts";
import type { VersionVector } from "./replication-status.ts";
import { seqIn } from "./version-vector.ts";

/** Whether every member has this change: its log entry may go. */
export function isSettled(stable: VersionVector, { origin, seq }: Pick<RowVersion, "origin"> & { readonly seq: number }): boolean {
  return seqIn(stable, origin) >= seq;
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
}): boolean {
  return row.settled && !(row.contested && row.stands) && !row.displaced;
}
