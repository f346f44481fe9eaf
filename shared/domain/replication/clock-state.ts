import type { NodeId } from "../ids.ts";
import type { ClockReading } from "./clock-reading.ts";
import type { ClockVerdict } from "./clock-verdict.ts";

/** A node whose clock differs from what a majority says, or two that differ and nobody says which is right: told, and not over yet. */
export interface ClockDoubt {
  /** By how much it was ahead, or behind, when it was last too much. */
  readonly aheadMs: number;
  readonly sinceMs: number;
  /** Since when it has been little enough again; null while it is not. */
  readonly calmSinceMs: number | null;
}

/** What a node knows of its own clock and the others'. Times in milliseconds. */
export interface ClockState {
  /** This node's wall clock less its monotonic one, when it was looked at last; null before the first look. */
  readonly ownOffsetMs: number | null;
  readonly readings: Readonly<Record<NodeId, ClockReading>>;
  readonly skewMsMax: number;
  readonly verdict: ClockVerdict;
  /** By the word of a majority. */
  readonly suspects: Readonly<Record<NodeId, ClockDoubt>>;
  /** No majority says whose clock is wrong: `ahead` is the farthest ahead of `behind`. */
  readonly dispute: (ClockDoubt & { readonly ahead: NodeId; readonly behind: NodeId }) | null;
  /** An operator has let this node's writes go, until its clock is not in doubt any more. */
  readonly released: boolean;
}

/** Whether anything is known by which this node's writes can be dated: before that none goes out. A node that is alone has nobody to send to. */
export function isClockKnown({ verdict }: ClockState): boolean {
  return verdict.kind !== "unknown";
}

/** The clock that the cluster goes by, as one node knows it. */
export interface ClusterClock {
  /** It less the node's monotonic clock, in milliseconds. */
  readonly offsetMs: number;
  readonly skewMsMax: number;
}

/** Null while nobody else's clock is known. */
export function clusterClock({ verdict, skewMsMax }: ClockState): ClusterClock | null {
  return verdict.kind === "unknown" ? null : { offsetMs: verdict.referenceMs, skewMsMax };
}

export function initialClocks(skewMsMax: number): ClockState {
  return {
    ownOffsetMs: null,
    readings: {},
    skewMsMax,
    verdict: { kind: "unknown" },
    suspects: {},
    dispute: null,
    released: false,
  };
}
