import type { LatePolicy } from "./trigger.ts";

/**
 * The times of a schedule after one instant and up to another, in order, as many as asked for at most. Milliseconds since 1970, UTC. It gives the same
 * times however the span is cut.
 */
export type TimesOf = (afterMs: number, upToMs: number, atMost: number) => readonly number[];

/** More are not counted one by one: a schedule of every second comes to that in a quarter of an hour. */
export const missedCountedMax = 1_000;
/** A note of what is done that lies further ahead than this was made by a clock that was wrong. */
const clockAheadMsMax = 600_000;
const firstWindowMs = 60_000;

export interface Missed {
  readonly count: number;
  /** There are more, which nobody counted. */
  readonly isAtLeast: boolean;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface Due {
  /** To be done now, oldest first. */
  readonly run: readonly number[];
  /** What nobody could do at its time, and is too late now; null: nothing. */
  readonly missed: Missed | null;
}

/** From where to go on: a note that lies far ahead is not waited for. */
export function soundCursor(doneUpToMs: number, nowMs: number): number {
  return doneUpToMs > nowMs + clockAheadMsMax ? nowMs : doneUpToMs;
}

/**
 * What of a schedule is to be done now, everything up to `doneUpToMs` being noted. Pure: whoever asks with the same words gets the same answer, so a node
 * that takes over comes to the same occurrences as the one that died.
 */
export function dueNow(times: TimesOf, doneUpToMs: number, nowMs: number, { withinSeconds, atMost }: LatePolicy): Due {
  if (doneUpToMs >= nowMs) return { run: [], missed: null };
  const run = newest(times, Math.max(doneUpToMs, nowMs - withinSeconds * 1_000 - 1), nowMs, atMost);
  const upToMs = (run[0] ?? nowMs + 1) - 1;
  if (doneUpToMs >= upToMs) return { run, missed: null };
  const lost = times(doneUpToMs, upToMs, missedCountedMax);
  const [firstMs, lastMs] = [lost[0], lost.at(-1)];
  if (firstMs === undefined || lastMs === undefined) return { run, missed: null };
  return { run, missed: { count: lost.length, isAtLeast: lost.length === missedCountedMax, firstMs, lastMs } };
}

/** The last ones of a span. Looked for from its end, since a long span of a busy schedule has too many to go through. */
function newest(times: TimesOf, fromMs: number, upToMs: number, atMost: number): readonly number[] {
  let found: readonly number[] = [];
  for (let windowMs = firstWindowMs; ; windowMs *= 4) {
    const afterMs = Math.max(fromMs, upToMs - windowMs);
    const inWindow = times(afterMs, upToMs, missedCountedMax);
    // Cut off at its end: what is newest is not among them.
    if (inWindow.length === missedCountedMax && found.length > 0) return found;
    found = inWindow.slice(-atMost);
    if (inWindow.length >= atMost || afterMs === fromMs) return found;
  }
}
