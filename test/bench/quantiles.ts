export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly n: number;
}

/** The smallest sample that so large a part of all does not exceed: with few samples p99 is the largest. */
export function quantilesOf(samples: readonly number[]): Quantiles {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), n: sorted.length };
}
