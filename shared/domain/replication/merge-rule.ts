import type { RowVersion } from "./change.ts";
import { isRenumbered } from "./origin.ts";
import type { VersionVector } from "./replication-status.ts";
import { seqIn } from "./version-vector.ts";

/**
 * Positive where `one` is the later write. Zero only for the very same write, since an origin never gives one time twice. Epochs come first:
 * a writer that was deposed overrules no write of a later one, whatever its clock says.
 */
export function compareVersions(one: RowVersion, other: RowVersion): number {
  const tenures = (one.epoch ?? 0) - (other.epoch ?? 0);
  if (tenures !== 0) return tenures;
  if (one.hlc !== other.hlc) return one.hlc - other.hlc;
  if (one.origin === other.origin) return 0;
  return one.origin < other.origin ? -1 : 1;
}

/** A row's newest known write, with the number by which causality is judged. */
export interface KnownVersion extends RowVersion {
  readonly seq: number;
}

/** A write that has just come, with what its origin had applied when it was made. */
export interface IncomingVersion extends KnownVersion {
  readonly context: VersionVector;
}

export interface MergeDecision {
  /** Whether the incoming change becomes the row. */
  readonly incomingWins: boolean;
  /** Both writes were made without knowledge of each other: the loser goes to the conflicts journal. */
  readonly conflict: boolean;
}

/**
 * The merge rule for one row: the later write by (epoch, hlc, origin) wins, so every node that has seen the same writes shows the
 * same row, whatever the order in which they came. A row without a known write loses to any.
 */
export function decideMerge(known: KnownVersion | undefined, incoming: IncomingVersion): MergeDecision {
  if (known === undefined) return { incomingWins: true, conflict: false };
  const incomingWins = compareVersions(incoming, known) > 0;
  const foreign = known.origin !== incoming.origin && !isRenumbered(known, incoming);
  if (!incomingWins) return { incomingWins, conflict: foreign };
  return { incomingWins, conflict: foreign && known.seq > seqIn(incoming.context, known.origin) };
}
