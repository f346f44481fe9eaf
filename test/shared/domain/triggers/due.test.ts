import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { dueNow, soundCursor, type TimesOf } from "../../../../shared/domain/triggers/due.ts";

/** Every so many milliseconds. */
const every =
  (stepMs: number): TimesOf =>
  (afterMs, upToMs, atMost) => {
    const found: number[] = [];
    for (let at = (Math.floor(afterMs / stepMs) + 1) * stepMs; at <= upToMs && found.length < atMost; at += stepMs) found.push(at);
    return found;
  };
const minute = every(60_000);
const nowMs = 1_000 * 60_000;

describe("what of a schedule is due", () => {
  it("nothing before its time, each at its time, nothing twice", () => {
    expect(dueNow(minute, nowMs, nowMs + 59_999, { withinSeconds: 3_600, atMost: 100 })).toEqual({ run: [], missed: null });
    expect(dueNow(minute, nowMs, nowMs + 60_000, { withinSeconds: 3_600, atMost: 100 }).run).toEqual([nowMs + 60_000]);
    expect(dueNow(minute, nowMs + 60_000, nowMs + 60_000, { withinSeconds: 3_600, atMost: 100 })).toEqual({ run: [], missed: null });
  });

  it("what nobody could do for half an hour is done late, and what is older than the policy lets it be is missed", () => {
    const due = dueNow(minute, nowMs - 30 * 60_000, nowMs, { withinSeconds: 600, atMost: 100 });
    expect(due.run).toEqual(Array.from({ length: 11 }, (_, index) => nowMs - (10 - index) * 60_000));
    expect(due.missed).toEqual({ count: 19, isAtLeast: false, firstMs: nowMs - 29 * 60_000, lastMs: nowMs - 11 * 60_000 });
  });

  it("only the last one where that is asked for; the others are told", () => {
    const due = dueNow(minute, nowMs - 5 * 60_000, nowMs, { withinSeconds: 3_600, atMost: 1 });
    expect(due).toEqual({ run: [nowMs], missed: { count: 4, isAtLeast: false, firstMs: nowMs - 240_000, lastMs: nowMs - 60_000 } });
  });

  it("a busy schedule after a long time: the newest are done, and the others counted as far as that is worth it", () => {
    const due = dueNow(every(1_000), nowMs - 86_400_000, nowMs, { withinSeconds: 86_400, atMost: 100 });
    expect(due.run).toHaveLength(100);
    expect(due.run.at(-1)).toBe(nowMs);
    expect(due.missed).toMatchObject({ count: 1_000, isAtLeast: true });
  });

  it("a note from a clock that was far ahead is not waited for; one that is ahead by little is", () => {
    expect(soundCursor(nowMs + 600_001, nowMs)).toBe(nowMs);
    expect(soundCursor(nowMs + 600_000, nowMs)).toBe(nowMs + 600_000);
    expect(dueNow(minute, nowMs + 600_000, nowMs, { withinSeconds: 3_600, atMost: 100 })).toEqual({ run: [], missed: null });
  });

  it("whatever the gaps between two looks: every time is done or told as missed, and none twice", () => {
    const steps = constantFrom(1_000, 7_000, 60_000, 3_600_000);
    const policy = record({ withinSeconds: integer({ min: 0, max: 7_200 }), atMost: integer({ min: 1, max: 100 }) });
    const gaps = array(integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 20 });
    assert(
      property(steps, policy, gaps, (stepMs, late, pauses) => {
        const times = every(stepMs);
        let doneMs = nowMs;
        const seen: number[] = [];
        for (const pause of pauses) {
          const atMs = doneMs + pause;
          const { run, missed } = dueNow(times, doneMs, atMs, late);
          expect(run.length).toBeLessThanOrEqual(late.atMost);
          if (missed !== null) seen.push(...times(missed.firstMs - 1, missed.lastMs, missed.count));
          seen.push(...run);
          doneMs = atMs;
        }
        expect(seen).toEqual(times(nowMs, doneMs, 100_000));
      }),
      { numRuns: 300 },
    );
  });
});
