import { describe, expect, it } from "vitest";
import { newRhythm, type Rhythm, suspectAfterUs, withPause } from "../../../../shared/domain/membership/failure-detector.ts";

const suspicion = { leastUs: 300, usualUs: 420, mostUs: 580, graceUs: 200, windowUs: 10_000 };

/** Pauses one after the other, from the instant at which the path came up. */
function after(...pauses: readonly number[]): Rhythm {
  let nowUs = 0;
  return pauses.reduce((rhythm, pauseUs) => {
    nowUs += pauseUs;
    return withPause(rhythm, pauseUs, nowUs, suspicion);
  }, newRhythm(0));
}

const regular = (count: number, pauseUs = 100): readonly number[] => Array.from({ length: count }, () => pauseUs);
const suspected = (rhythm: Rhythm): number => suspectAfterUs(rhythm, suspicion);

describe("how long a path may be quiet", () => {
  it("nothing is known of a young path: the usual time", () => {
    expect(suspected(after())).toBe(420);
    expect(suspected(after(...regular(99)))).toBe(420);
  });

  it("a regular path is suspected early, and never before the floor", () => {
    expect(suspected(after(...regular(100)))).toBe(300);
    expect(suspected(after(...regular(2_000, 10)))).toBe(300);
  });

  it("a path that loses a heartbeat now and then is given more time, at once", () => {
    expect(suspected(after(...regular(100), 210))).toBe(410);
    expect(suspected(after(...regular(100), 210, ...regular(100)))).toBe(410);
  });

  it("however irregular it is, and after an outage, there is a ceiling", () => {
    expect(suspected(after(...regular(100), 450))).toBe(580);
    expect(suspected(after(...regular(100), 60_000))).toBe(580);
  });

  it("what was long ago is forgotten after two windows", () => {
    expect(suspected(after(...regular(100), 450, ...regular(99)))).toBe(580);
    expect(suspected(after(...regular(100), 450, ...regular(200)))).toBe(300);
  });
});
