/**
 * A hybrid logical time: wall-clock milliseconds times `ticksPerMs`, plus a counter that keeps it growing when the wall
 * clock stands still or goes back. A whole number that stays exact until the year 2109.
 */
export type HybridTime = number;

export const ticksPerMs = 2_048;

/** The time of the next local write: later than all that this node has written or applied. */
export function nextTime(last: HybridTime, wallMs: number): HybridTime {
  return Math.max(last + 1, Math.floor(wallMs) * ticksPerMs);
}

/** This node's clock once it has seen a write of another node: what it writes from now on is later than that. */
export function timeAfterSeeing(last: HybridTime, seen: HybridTime): HybridTime {
  return Math.max(last, seen);
}

/** The wall-clock part, in milliseconds since 1970, for display and ages. */
export function wallMsOf(time: HybridTime): number {
  return Math.floor(time / ticksPerMs);
}
