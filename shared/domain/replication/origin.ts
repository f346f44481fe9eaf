import type { NodeId, OriginId } from "../ids.ts";
import type { RowVersion } from "./change.ts";
import type { ReplicaView } from "./exchange-state.ts";
import type { KnownVersion } from "./merge-rule.ts";
import type { VersionVector } from "./replication-status.ts";
import { seqIn } from "./version-vector.ts";

/** A node's origin of this incarnation: whoever counts anew does so under a name that nobody has used. */
export function originOf(node: NodeId, incarnation: number): OriginId {
  return `${node}:${incarnation}` as OriginId;
}

export function nodeOf(origin: OriginId): NodeId {
  return origin.slice(0, origin.lastIndexOf(":")) as NodeId;
}

/**
 * A new incarnation of this node: milliseconds since 1970, so that one that lost its disk reuses no number; and later than any that the file knows,
 * whatever the clock says.
 */
export function nextIncarnation(node: NodeId, vector: VersionVector, wallMs: number): OriginId {
  const known = (Object.keys(vector) as OriginId[]).filter((origin) => nodeOf(origin) === node).map(incarnationIn);
  return originOf(node, Math.max(Math.floor(wallMs), ...known.map((incarnation) => incarnation + 1)));
}

/** The write of a node that a later incarnation of it has given another number: one time is never given twice by one file. */
export function isRenumbered(one: RowVersion, other: RowVersion): boolean {
  return one.hlc === other.hlc && one.origin !== other.origin && nodeOf(one.origin) === nodeOf(other.origin);
}

/** A peer has a higher number of this node's own origin than the node itself: its file has gone back in time. */
export function isRewound<View extends Pick<ReplicaView, "following" | "origin" | "vector">>(
  view: View,
  peerHas: VersionVector,
): view is View & { readonly origin: OriginId } {
  const { following, origin, vector } = view;
  return following && origin !== null && seqIn(peerHas, origin) > seqIn(vector, origin);
}

/**
 * A file that went back may have used numbers that others have already, for other writes. Up to `sealed` it cannot have: those were on the disk, and told. So
 * all of this node's own writes after that count under the new incarnation, and know those before. Undefined for any other change.
 */
export function renumbered<Known extends KnownVersion>(change: Known, old: OriginId, sealed: number, origin: OriginId): Known | undefined {
  return change.origin === old && change.seq > sealed ? { ...change, origin, seq: change.seq - sealed } : undefined;
}

function incarnationIn(origin: OriginId): number {
  return Number(origin.slice(origin.lastIndexOf(":") + 1));
}
