import type { NodeId } from "../ids.ts";

/** A node's wall clock on a common scale (less the judging node's monotonic clock), and by how much that may be wrong, in milliseconds. */
export interface KnownClock {
  readonly node: NodeId;
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

export interface ClockDifference {
  readonly node: NodeId;
  /** Positive where it is ahead. */
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
}

/**
 * - `unknown`: no other node's clock is known.
 * - `aligned`: all that are known differ from their median by no more than the limit.
 * - `skewed`: a majority of the members agrees, and these do not agree with it.
 * - `disputed`: some differ, and no majority says which: `ahead` is the farthest ahead of `behind`, the earliest.
 *
 * `referenceMs`: the time that counts, on the clocks' common scale: the median, and in a dispute the earliest clock, so that nothing is dated into the future.
 */
export type ClockVerdict =
  | { readonly kind: "unknown" }
  | { readonly kind: "aligned"; readonly referenceMs: number }
  | { readonly kind: "skewed"; readonly referenceMs: number; readonly skewed: readonly ClockDifference[] }
  | { readonly kind: "disputed"; readonly referenceMs: number; readonly ahead: ClockDifference; readonly behind: NodeId };

/** Whose clock is wrong, by all that one node knows. `members`: how many belong to the cluster; only a majority of them can say that a clock is wrong. */
export function clockVerdict(clocks: readonly KnownClock[], members: number, limitMs: number): ClockVerdict {
  const sorted = clocks.toSorted((one, other) => one.offsetMs - other.offsetMs || (one.node < other.node ? -1 : 1));
  // Of an even number the lower one of the middle two: between two that differ there is nothing to agree with.
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const earliest = sorted[0];
  const latest = sorted.at(-1);
  if (median === undefined || earliest === undefined || latest === undefined) return { kind: "unknown" };
  if (sorted.length === 1) return members === 1 ? { kind: "aligned", referenceMs: median.offsetMs } : { kind: "unknown" };
  const skewed = sorted
    .filter((clock) => clock !== median)
    .map((clock) => differenceOf(clock, median))
    .filter(({ aheadMs, uncertaintyMs }) => Math.abs(aheadMs) - uncertaintyMs > limitMs);
  const referenceMs = median.offsetMs;
  if (skewed.length === 0) return { kind: "aligned", referenceMs };
  if ((sorted.length - skewed.length) * 2 > members) return { kind: "skewed", referenceMs, skewed };
  return { kind: "disputed", referenceMs: earliest.offsetMs, ahead: differenceOf(latest, earliest), behind: earliest.node };
}

function differenceOf(clock: KnownClock, from: KnownClock): ClockDifference {
  return {
    node: clock.node,
    aheadMs: clock.offsetMs - from.offsetMs,
    uncertaintyMs: clock.uncertaintyMs + from.uncertaintyMs,
  };
}
