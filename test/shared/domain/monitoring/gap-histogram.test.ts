import { array, assert, constantFrom, double, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { gapCount, gapQuantileMs, gapsBeyond, mergedGaps, noGaps, withGap } from "../../../../shared/domain/monitoring/gap-histogram.ts";

const gapsMs = array(double({ min: 0, max: 200_000, noNaN: true }), { maxLength: 50 });
const of = (gaps: readonly number[]) => gaps.reduce(withGap, noGaps);

describe("a histogram of gaps", () => {
  it("nothing seen: nothing said", () => {
    expect([gapCount(noGaps), gapsBeyond(noGaps, 0), gapQuantileMs(noGaps, 0.5)]).toEqual([0, 0, null]);
  });

  it("never says of fewer gaps than there were that they were longer, and of none where none was", () => {
    assert(
      property(gapsMs, double({ min: 0, max: 100_000, noNaN: true }), (gaps, ms) => {
        const longer = gaps.filter((gap) => gap > ms).length;
        const said = gapsBeyond(of(gaps), ms);
        expect(said).toBeGreaterThanOrEqual(longer);
        if (longer === 0) expect(said).toBe(0);
        // A class is a fifth wide: what is counted too much is nearly as long.
        expect(said).toBeLessThanOrEqual(gaps.filter((gap) => gap > ms / 1.2 - 10).length);
      }),
    );
  });

  it("its quantiles are never below the true ones, and at most a fifth above", () => {
    assert(
      property(
        gapsMs.filter((gaps) => gaps.length > 0),
        constantFrom(0.5, 0.99, 1),
        (gaps, share) => {
          const sorted = gaps.toSorted((one, other) => one - other);
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          const said = gapQuantileMs(of(gaps), share) ?? -1;
          expect(said).toBeGreaterThanOrEqual(exact - 1e-6);
          if (exact < 60_000) expect(said).toBeLessThanOrEqual(Math.max(10, exact * 1.2 + 1e-6));
        },
      ),
    );
  });

  it("of two merged says what one of all would", () => {
    assert(
      property(gapsMs, gapsMs, (one, other) => {
        const merged = mergedGaps(of(one), of(other));
        const all = of([...one, ...other]);
        expect([gapCount(merged), merged.longestMs]).toEqual([gapCount(all), all.longestMs]);
        expect(merged.counts).toEqual(all.counts);
      }),
    );
  });
});
