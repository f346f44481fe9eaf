import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ticksPerMs } from "../../../../shared/domain/replication/hybrid-clock.ts";
import { isAhead, retimed, timeReference } from "../../../../shared/domain/replication/retiming.ts";

const nowMs = 1_795_000_000_000;
const at = (ms: number): number => (nowMs + ms) * ticksPerMs;
/** This node's clock is so much ahead of what counts. */
const ahead = (ms: number, isLogical = false) => timeReference(nowMs + ms, nowMs, 15_000, isLogical);

describe("a write's time, before anybody else hears of it", () => {
  it("is what it is while the clock is right enough, or behind", () => {
    expect(retimed(at(14_000), at(-1), ahead(14_000))).toBe(at(14_000));
    expect(retimed(at(-3_600_000), at(-3_600_001), ahead(-3_600_000))).toBe(at(-3_600_000));
  });

  it("of a clock that is an hour ahead is less by that hour", () => {
    expect(retimed(at(3_600_000 - 50), at(-60_000), ahead(3_600_000))).toBe(at(-50));
  });

  it("is later than all that was seen before, whatever the clock says", () => {
    expect(retimed(at(3_600_000), at(5_000), ahead(3_600_000))).toBe(at(5_000) + 1);
  });

  it("of a clock that was set right meanwhile is the instant after what was seen: never later than the truth", () => {
    expect(retimed(at(3_600_000), at(-60_000), ahead(0))).toBe(at(-60_000) + 1);
  });

  it("by the logical clock alone: the instant after what was seen", () => {
    expect(retimed(at(3_600_000), at(-60_000), ahead(3_600_000, true))).toBe(at(-60_000) + 1);
  });

  it("never puts two writes in another order, nor any into the future", () => {
    const times = fc.array(fc.integer({ min: -60_000, max: 7_200_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(times, fc.integer({ min: -7_200_000, max: 7_200_000 }), fc.boolean(), (drawn, aheadMs, isLogical) => {
        const reference = ahead(aheadMs, isLogical);
        let before = at(-120_000);
        for (const ms of drawn.toSorted((one, other) => one - other)) {
          const is = retimed(Math.max(at(ms), before + 1), before, reference);
          expect(is).toBeGreaterThan(before);
          expect(isAhead(is - drawn.length, reference)).toBe(false);
          before = is;
        }
      }),
    );
  });
});
