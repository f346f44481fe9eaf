import { type Quantiles, quantilesOf } from "../quantiles.ts";

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly p50: number;
  /** Null for a single sample. */
  readonly p99: number | null;
  readonly n: number;
}

export const columns = ["what", "unit", "p50", "p99", "n"];

export function row(what: string, unit: string, samples: readonly number[]): Row {
  const { p50, p99, n }: Quantiles = quantilesOf(samples);
  return { what, unit, p50, p99: n > 1 ? p99 : null, n };
}

export function cells({ what, unit, p50, p99, n }: Row): string[] {
  return [what, unit, shown(p50), p99 === null ? "-" : shown(p99), String(n)];
}

function shown(value: number): string {
  return value >= 1 || value === 0 ? value.toFixed(1) : value.toPrecision(2);
}

/** Does something with each of these numbers, so many at a time, and says how long each took, in milliseconds. */
export async function eachTimed(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const startedMs = performance.now();
      await work(index);
      took.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return took;
}

/** In seconds. */
export function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs) / 1_000;
}

export function tell(done: number, all: number, what: string): void {
  if (done % Math.ceil(all / 5) === 0) console.error(`${done} of ${all} ${what}`);
}
