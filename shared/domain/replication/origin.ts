import type { NodeId, OriginId } from "../ids.ts";
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
 * A new incarnation of this node: seconds since 1970, so that one that lost its disk reuses no number; and later than any that the file knows,
 * whatever the clock says.
 */
export function nextIncarnation(node: NodeId, vector: VersionVector, wallMs: number): OriginId {
  const known = (Object.keys(vector) as OriginId[]).filter((origin) => nodeOf(origin) === node).map(incarnationIn);
  return originOf(node, Math.max(Math.floor(wallMs / 1_000), ...known.map((incarnation) => incarnation + 1)));
}

/** A peer has a higher number of this node's own origin than the node itself: its file has gone back in time. */
export function isRewound(
  { following, origin, vector }: { readonly following: boolean; readonly origin: OriginId | null; readonly vector: VersionVector },
  peerHas: VersionVector,
): boolean {
  return following && origin !== null && seqIn(peerHas, origin) > seqIn(vector, origin);
}

function incarnationIn(origin: OriginId): number {
  return Number(origin.slice(origin.lastIndexOf(":") + 1));
}
