import { type HybridTime, ticksPerMs } from "./hybrid-clock.ts";

/** What this node's own writes are dated by, before anybody else hears of them. In ticks of the hybrid clock. */
export interface TimeReference {
  /** Now, by the clock that the cluster goes by (clock-verdict.ts). */
  readonly now: HybridTime;
  /** By how much a clock may differ from that one. */
  readonly limit: number;
  /** By how much this node's own clock is ahead of it at this instant, or behind; null: writes that are too far ahead are ordered by the logical clock alone. */
  readonly ahead: number | null;
}

/** Wall clocks in milliseconds since 1970; `referenceMs`: that which counts. */
export function timeReference(wallMs: number, referenceMs: number, limitMs: number, isLogical: boolean): TimeReference {
  return {
    now: Math.floor(referenceMs) * ticksPerMs,
    limit: Math.floor(limitMs) * ticksPerMs,
    ahead: isLogical ? null : Math.round(wallMs - referenceMs) * ticksPerMs,
  };
}

/** A clock that is wrong has dated this: sent as it is, it would win over all that is written until then, and drag every other node's clock along. */
export function isAhead(hlc: HybridTime, { now, limit }: TimeReference): boolean {
  return hlc > now + limit;
}

/**
 * Under which time an own write counts that only this node has: its own, unless that is too far ahead. Then it is the time less what the clock is wrong by; and where that
 * cannot be what the clock was wrong by when this was written (it was set in between), or is not to count, the instant after `before`: the last that was written or
 * seen here. That is never later than the truth, so a write with a wrong time wins over nothing that was written after it.
 */
export function retimed(hlc: HybridTime, before: HybridTime, reference: TimeReference): HybridTime {
  if (!isAhead(hlc, reference)) return hlc;
  const { ahead, now } = reference;
  const corrected = ahead === null ? 0 : hlc - ahead;
  return Math.max(before + 1, corrected <= now ? corrected : 0);
}
