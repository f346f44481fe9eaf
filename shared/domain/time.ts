/**
 * Microseconds on the monotonic clock of one process, whole. Two such clocks are never compared: what
 * travels between nodes is always a duration ("for how much longer"), never an instant.
 */
export type MonotonicUs = number;

/** A duration in whole microseconds. */
export type DurationUs = number;

export const US_PER_MS = 1_000;

export function usFromMs(ms: number): DurationUs {
  return Math.round(ms * US_PER_MS);
}

export function msFromUs(us: DurationUs): number {
  return us / US_PER_MS;
}
