import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { clockVerdict } from "../../../../shared/domain/replication/clock-verdict.ts";

const limitMs = 15_000;

/** Clocks of node_a, node_b, ... so many milliseconds apart from a common scale, each known to within a millisecond. */
function verdict(offsets: readonly number[], members: number) {
  const clocks = offsets.map((offsetMs, index) => ({ node: `node_${"abcdef"[index]}` as NodeId, offsetMs, uncertaintyMs: 1 }));
  return clockVerdict(clocks, members, limitMs);
}

describe("whose clock is wrong", () => {
  it("all within the limit of their median: nobody's", () => {
    expect(verdict([-14_000, 0, 14_000], 3)).toEqual({ kind: "aligned", referenceMs: 0 });
  });

  it("one of three is off: the majority's median names it, ahead or behind", () => {
    expect(verdict([0, 3_600_000, 20], 3)).toMatchObject({
      kind: "skewed",
      referenceMs: 20,
      skewed: [{ node: "node_b", aheadMs: 3_599_980 }],
    });
    expect(verdict([0, -3_600_000, 20], 3)).toMatchObject({
      kind: "skewed",
      referenceMs: 0,
      skewed: [{ node: "node_b", aheadMs: -3_600_000 }],
    });
  });

  it("two of five are off, each in its own way: both are named", () => {
    const found = verdict([0, 10, 20, 60_000, -60_000], 5);
    expect(found.kind === "skewed" && found.skewed.map(({ node }) => node)).toEqual(["node_e", "node_d"]);
  });

  it("two nodes that differ: nobody can say whose is wrong, and the earlier clock counts", () => {
    expect(verdict([0, 20_000], 2)).toMatchObject({
      kind: "disputed",
      referenceMs: 0,
      ahead: { node: "node_b", aheadMs: 20_000 },
      behind: "node_a",
    });
  });

  it("of three members one has never been heard: two that differ are no majority", () => {
    expect(verdict([0, 20_000], 3).kind).toBe("disputed");
    expect(verdict([0, 100], 3).kind).toBe("aligned");
  });

  it("four nodes, two and two: nobody can say", () => {
    expect(verdict([0, 10, 60_000, 60_010], 4)).toMatchObject({ kind: "disputed", referenceMs: 0 });
  });

  it("a difference that may come of the measuring is none", () => {
    expect(verdict([0, 15_001, 0], 3).kind).toBe("aligned");
    expect(verdict([0, 15_003, 0], 3).kind).toBe("skewed");
  });

  it("nobody else's clock is known: nothing can be said, but of a node that is alone", () => {
    expect(verdict([7], 2)).toEqual({ kind: "unknown" });
    expect(verdict([], 1)).toEqual({ kind: "unknown" });
    expect(verdict([7], 1)).toEqual({ kind: "aligned", referenceMs: 7 });
  });
});
