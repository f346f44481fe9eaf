import { describe, expect, it } from "vitest";
import { type CommitPoints, isWorthKeeping, unitEnd } from "../../../../shared/domain/replication/unit-end.ts";

const known = (...points: readonly number[]): CommitPoints => ({
  lastIn: (after, upTo) => points.findLast((n) => n > after && n <= upTo),
  firstAfter: (after) => points.find((n) => n > after),
});

describe("a unit of 100 entries at most", () => {
  it.each([
    { it: "ends where the log does, if that is near", points: known(20, 40), after: 0, upTo: 100, end: 100 },
    { it: "ends at the last commit point that it has room for", points: known(20, 90, 130), after: 0, upTo: 500, end: 90 },
    { it: "may end at the very last entry that it has room for", points: known(20, 100), after: 0, upTo: 500, end: 100 },
    { it: "goes on to the next one where a transaction is bigger", points: known(20, 330, 400), after: 20, upTo: 500, end: 330 },
    { it: "goes on to the end where nobody has looked since", points: known(20), after: 20, upTo: 500, end: 500 },
    { it: "never goes beyond what may be read", points: known(20, 330), after: 20, upTo: 300, end: 300 },
    { it: "does not end where it began", points: known(20), after: 20, upTo: 121, end: 121 },
  ])("$it", ({ points, after, upTo, end }) => {
    expect(unitEnd(points, { after, upTo }, 100)).toBe(end);
  });
});

it("two commit points to a unit are worth keeping", () => {
  expect(isWorthKeeping(149, 100, 100)).toBe(false);
  expect(isWorthKeeping(150, 100, 100)).toBe(true);
});
