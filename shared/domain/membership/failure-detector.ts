import type { DurationUs, MonotonicUs } from "../time.ts";

/**
 * The pauses between a peer's signs of life on one path, as they have been lately: the longest of the window under way, and of the one
 * before. Null where no window is complete yet.
 */
export interface Rhythm {
  readonly sinceUs: MonotonicUs;
  readonly longestUs: DurationUs;
  readonly beforeUs: DurationUs | null;
}

/** How soon a path may be called silent, and how late at the latest. */
export interface Suspicion {
  readonly leastUs: DurationUs;
  /** While little is known. */
  readonly usualUs: DurationUs;
  readonly mostUs: DurationUs;
  /** Beyond the longest pause of late. */
  readonly graceUs: DurationUs;
  readonly windowUs: DurationUs;
}

export function newRhythm(nowUs: MonotonicUs): Rhythm {
  return { sinceUs: nowUs, longestUs: 0, beforeUs: null };
}

/** With one more pause. One that was an outage counts for no more than what is waited for anyway. */
export function withPause(rhythm: Rhythm, pauseUs: DurationUs, nowUs: MonotonicUs, { mostUs, windowUs }: Suspicion): Rhythm {
  const longestUs = Math.max(rhythm.longestUs, Math.min(pauseUs, mostUs));
  if (nowUs - rhythm.sinceUs < windowUs) return { ...rhythm, longestUs };
  return { sinceUs: nowUs, longestUs: 0, beforeUs: longestUs };
}

/**
 * After how long a pause a path counts as silent: the longest one of late and a little more, between floor and ceiling. It only says when to look elsewhere and when to tell: nobody's lease ends by it.
 */
export function suspectAfterUs({ longestUs, beforeUs }: Rhythm, { leastUs, usualUs, mostUs, graceUs }: Suspicion): DurationUs {
  if (beforeUs === null) return usualUs;
  return Math.min(mostUs, Math.max(leastUs, Math.max(longestUs, beforeUs) + graceUs));
}

/** Both can hear each other: only then does a question to this peer find an answer. */
export function hearEachOther(
  peer: { readonly silent: boolean; readonly hearsUsAtUs: MonotonicUs | null },
  nowUs: MonotonicUs,
  unheardAfterUs: DurationUs,
): boolean {
  return !peer.silent && peer.hearsUsAtUs !== null && nowUs - peer.hearsUsAtUs <= unheardAfterUs;
}
