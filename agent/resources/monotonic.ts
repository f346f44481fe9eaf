import { setTimeout as sleep } from "node:timers/promises";
import { type MonotonicUs, US_PER_MS } from "../../shared/domain/time.ts";

/**
 * Whole microseconds on the machine's monotonic clock (CLOCK_MONOTONIC), the same for every process of one machine and
 * since its boot: the one clock that an agent and its guardian may compare.
 */
export function monotonicUs(): MonotonicUs {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** True as soon as the condition holds, false when it does not by the given instant, which may move meanwhile. Asks at once, then every `pollMs`. */
export async function holdsBy(untilUs: () => MonotonicUs, pollMs: number, condition: () => boolean): Promise<boolean> {
  while (!condition()) {
    const leftMs = (untilUs() - monotonicUs()) / US_PER_MS;
    if (leftMs <= 0) return false;
    await sleep(Math.min(pollMs, leftMs));
  }
  return true;
}

/** The promise's value, or undefined where it has none by the given instant. */
export async function settledBy<Value>(untilUs: MonotonicUs, promise: Promise<Value>): Promise<Value | undefined> {
  const timer = new AbortController();
  const leftMs = Math.max(0, (untilUs - monotonicUs()) / US_PER_MS);
  const late = sleep(leftMs, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
