import type { RowVersion } from "./change.ts";
import { type ConflictPolicy, isByColumn } from "./conflict-policy.ts";
import { isRenumbered, nodeOf } from "./origin.ts";
import type { VersionVector } from "./replication-status.ts";
import { entriesOf, seqIn } from "./version-vector.ts";

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

/** A known write of a row, with the number by which causality is judged. */
export interface KnownVersion extends RowVersion {
  readonly seq: number;
  /** The rule under which it was written, as its origin had it declared; absent: `newest`. */
  readonly policy?: ConflictPolicy | undefined;
  /** What it was made in knowledge of; kept of writes under `priority` alone. */
  readonly context?: VersionVector | undefined;
}

/** A write that has just come, with what its origin had applied when it was made. */
export interface IncomingVersion extends KnownVersion {
  readonly context: VersionVector;
}

/** The incoming write was made with the other in its context: the other is history. */
export function knows(incoming: IncomingVersion, { origin, seq }: KnownVersion): boolean {
  return incoming.origin === origin ? incoming.seq > seq : seqIn(incoming.context, origin) >= seq;
}

/**
 * Which of a row's open writes stands: those that no other write of the row knows. Causality has decided before: a write that another one knows is
 * not among them. What is left is settled by the rule that the latest of them was written under; or column by column, where one of them was written under `columns`
 * (column-writes.ts): then the latest says whether there is a row. It goes by the writes alone, so every node that has the same ones shows the same row,
 * whatever the order in which they came.
 */
export function standingOf<Head extends KnownVersion>(
  open: readonly [Head, ...Head[]],
): { readonly head: Head; readonly isManual: boolean; readonly isByColumn: boolean } {
  const latest = latestOf(open);
  if (open.some(({ policy }) => isByColumn(policy))) return { head: latest, isManual: false, isByColumn: true };
  const isManual = latest.policy?.policy === "manual";
  const rowRule = { isManual, isByColumn: false };
  if (isManual) return { head: open.reduce((one, other) => (compareVersions(other, one) < 0 ? other : one)), ...rowRule };
  if (latest.policy?.policy !== "priority" || open.some((one) => open.some((other) => mayKnow(one, other))))
    return { head: latest, ...rowRule };
  const { order } = latest.policy;
  return { head: open.reduce((one, other) => (compareRanks(order, other, one) < 0 ? other : one)), ...rowRule };
}

export function latestOf<Version extends RowVersion>(writes: readonly [Version, ...Version[]]): Version {
  return writes.reduce((one, other) => (compareVersions(other, one) > 0 ? other : one));
}

/** The same write, which a later incarnation of its node may have given another number. */
export function isSameWrite(one: RowVersion, other: RowVersion): boolean {
  return one === other || isRenumbered(one, other);
}

/**
 * A machine that was started anew gives its last writes new numbers (origin.ts), and who has seen them under the old ones does not know them by the new.
 * So where a write knows more of the other's node than that other one does, it may have been made in its knowledge after all: then the later one stands.
 * What was written after the start has the new incarnation in its context, and is none of these.
 */
function mayKnow(one: KnownVersion, other: KnownVersion): boolean {
  const node = nodeOf(other.origin);
  const [known, knownToOther] = [contextOf(one), contextOf(other)];
  if (nodeOf(one.origin) === node || other.origin in knownToOther) return false;
  return entriesOf(known).some(([origin, seq]) => origin !== other.origin && nodeOf(origin) === node && seq > seqIn(knownToOther, origin));
}

/** Of other rules' writes it is not kept, so it does not count on any node. */
function contextOf({ policy, context }: KnownVersion): VersionVector {
  return policy?.policy === "priority" && context !== undefined ? context : {};
}

function compareRanks(order: readonly string[], one: RowVersion, other: RowVersion): number {
  const ranks = rankIn(order, one) - rankIn(order, other);
  return ranks === 0 ? compareVersions(other, one) : ranks;
}

function rankIn(order: readonly string[], { origin }: RowVersion): number {
  const rank = order.indexOf(nodeOf(origin));
  return rank < 0 ? order.length : rank;
}
