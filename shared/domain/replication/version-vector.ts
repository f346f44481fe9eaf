import type { OriginId } from "../ids.ts";
import type { VersionVector } from "./replication-status.ts";

export function seqIn(vector: VersionVector, origin: OriginId): number {
  return vector[origin] ?? 0;
}

export function entriesOf(vector: VersionVector): [OriginId, number][] {
  return Object.entries(vector) as [OriginId, number][];
}

/** For each origin the higher of the two. */
export function joined(one: VersionVector, other: VersionVector): VersionVector {
  const result: Record<OriginId, number> = { ...one };
  for (const [origin, seq] of entriesOf(other)) result[origin] = Math.max(seqIn(one, origin), seq);
  return result;
}

/** True where `one` has everything that `other` has. */
export function covers(one: VersionVector, other: VersionVector): boolean {
  return entriesOf(other).every(([origin, seq]) => seqIn(one, origin) >= seq);
}

/** How many changes `other` has and `one` lacks. */
export function missingFrom(one: VersionVector, other: VersionVector): number {
  return entriesOf(other).reduce((sum, [origin, seq]) => sum + Math.max(0, seq - seqIn(one, origin)), 0);
}

/** For each origin that every vector knows, the lowest: what all of them have. Nothing where there is no vector. */
export function commonPart(vectors: readonly VersionVector[]): VersionVector {
  const [first, ...others] = vectors;
  if (first === undefined) return {};
  const result: Record<OriginId, number> = {};
  for (const [origin, seq] of entriesOf(first)) {
    result[origin] = others.reduce((lowest, vector) => Math.min(lowest, seqIn(vector, origin)), seq);
  }
  return result;
}

/**
 * The changes that every member has and that no older or concurrent change can meet any more: they may leave the log. `members` are the
 * others' vectors as they last told them. A member's word counts only once all that it knew when it spoke is here too.
 */
export function stablePart(own: VersionVector, members: readonly VersionVector[]): VersionVector {
  if (!members.every((member) => covers(own, member))) return {};
  return commonPart([own, ...members]);
}
