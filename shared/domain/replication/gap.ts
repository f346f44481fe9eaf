import type { VersionVector } from "./replication-status.ts";
import { covers, joined, missingFrom } from "./version-vector.ts";

/** What one replica lacked of another's when the two met, until it is all here, whatever path it takes. */
export interface Gap {
  /** What was here when the gap was first seen. */
  readonly from: VersionVector;
  readonly to: VersionVector;
}

/** The gap between `own` and `theirs`; one that is open already grows. Undefined where nothing is missing. */
export function gapTo(theirs: VersionVector, own: VersionVector, open?: Gap): Gap | undefined {
  if (covers(own, theirs)) return open;
  return { from: open?.from ?? own, to: joined(open?.to ?? {}, theirs) };
}

export function isClosed({ to }: Gap, own: VersionVector): boolean {
  return covers(own, to);
}

/** How many changes it took. */
export function changesIn({ from, to }: Gap): number {
  return missingFrom(from, to);
}

/** The part of a vector that a node made itself, in all its incarnations. */
export function madeBy(node: string, vector: VersionVector): VersionVector {
  return Object.fromEntries(Object.entries(vector).filter(([origin]) => origin.startsWith(`${node}:`)));
}
