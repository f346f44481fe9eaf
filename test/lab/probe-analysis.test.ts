import { describe, expect, it } from "vitest";
import { answeringSpans, bothMs, longestMs, silences } from "./probe-analysis.ts";
import type { Probe } from "./probe-record.ts";

const everyUs = 5_000;
const tripUs = 200;

/** Questions at their usual pace, each answered after the time that the list says, or never (null). */
function asked(tripsUs: readonly (number | null)[], fromUs = 0): Probe[] {
  return tripsUs.map((trip, index) => {
    const sentUs = fromUs + index * everyUs;
    return { sentUs, answer: trip === null ? null : { atUs: sentUs + trip, by: "node-a" } };
  });
}

const well = (count: number): number[] => Array.from({ length: count }, () => tripUs);
const lost = (count: number): null[] => Array.from({ length: count }, () => null);

describe("silences", () => {
  it("every question answered, or a single one lost: none", () => {
    expect(silences(asked(well(100)))).toEqual([]);
    expect(silences(asked([...well(5), null, ...well(5)]))).toEqual([]);
  });

  it("a row of questions lost: from the first of them to the next answer", () => {
    expect(silences(asked([...well(2), ...lost(20), ...well(2)]))).toEqual([{ fromUs: 10_000, toUs: 110_200 }]);
  });

  it("questions that were held up and all answered at once: silence until then", () => {
    const heldUp = Array.from({ length: 10 }, (_, index) => 50_000 - index * everyUs);
    expect(silences(asked([tripUs, ...heldUp, ...well(10)]))).toEqual([{ fromUs: 5_000, toUs: 55_000 }]);
  });

  it("no answer up to the end: silence lasts to the last question", () => {
    expect(silences(asked([...well(1), ...lost(10)]))).toEqual([{ fromUs: 5_000, toUs: 50_000 }]);
  });

  it("a prober that was late itself: no silence", () => {
    expect(silences([...asked(well(3)), ...asked(well(3), 900_000)])).toEqual([]);
  });

  it("nothing was asked: nothing is known", () => {
    expect(silences([])).toEqual([]);
    expect(longestMs([])).toBe(0);
  });
});

describe("two that answer at once", () => {
  it("one answers from when the other has fallen silent: never both", () => {
    const first = answeringSpans(asked([...well(50), ...lost(50)]));
    const second = answeringSpans(asked([...lost(50), ...well(50)]));
    expect(bothMs([first, second])).toBe(0);
  });

  it("both answer for a while: from the later one's first answer to the earlier one's last question", () => {
    const first = answeringSpans(asked([...well(61), ...lost(39)]));
    const second = answeringSpans(asked([...lost(40), ...well(60)]));
    expect(bothMs([first, second])).toBe((60 * everyUs - (40 * everyUs + tripUs)) / 1_000);
  });

  it("a run that is broken by a lost question counts by its parts", () => {
    expect(answeringSpans(asked([tripUs, tripUs, null, tripUs, tripUs]))).toEqual([
      { fromUs: 200, toUs: 5_000 },
      { fromUs: 15_200, toUs: 20_000 },
    ]);
  });

  it("three at once are no longer than two", () => {
    const always = answeringSpans(asked(well(11)));
    expect(bothMs([always, always, always])).toBe(50 - tripUs / 1_000);
  });
});
