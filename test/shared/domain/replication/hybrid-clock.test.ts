import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nextTime, ticksPerMs, timeAfterSeeing, wallMsOf } from "../../../../shared/domain/replication/hybrid-clock.ts";

test("hybrid clock: grows with every write, whatever the wall clock does, and stays an exact number", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4_000_000_000_000)), (walls) => {
      let last = 0;
      for (const wall of walls) {
        const next = nextTime(last, wall);
        expect(next).toBeGreaterThan(last);
        expect(Number.isSafeInteger(next)).toBe(true);
        last = next;
      }
    }),
  );
});

test("hybrid clock: after a write of another node was seen, the next one here is later than that", () => {
  const seen = 5_000 * ticksPerMs + 7;
  expect(nextTime(timeAfterSeeing(10, seen), 1)).toBe(seen + 1);
  expect(timeAfterSeeing(seen, 10)).toBe(seen);
});

test("hybrid clock: shows the wall-clock time of a write", () => {
  expect(wallMsOf(nextTime(0, 1_795_000_000_123))).toBe(1_795_000_000_123);
});
