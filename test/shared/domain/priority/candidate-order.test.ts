import { describe, expect, it } from "vitest";
import { fitOthers, rankOf } from "../../../../shared/domain/priority/candidate-order.ts";
import { a, b, c, group, TestNode } from "../failover/test-node.ts";

describe("the order of candidates", () => {
  it("counts only better nodes that are heard and fit", () => {
    const node = new TestNode([b, c, a]);
    expect(rankOf(node.state, group)).toBe(0);
    node.hears(node.beatOf(b));
    node.hears(node.beatOf(c));
    expect(rankOf(node.state, group)).toBe(2);
    expect(rankOf(node.state, group, b)).toBe(1);
    expect(fitOthers(node.state, group)).toEqual([b, c]);
    const told = node.beatOf(b).groups.map((state) => ({ ...state, ineligible: "its data are not ready" }));
    node.hears(node.beatOf(b, { groups: told }));
    expect(rankOf(node.state, group)).toBe(1);
    expect(fitOthers(node.state, group)).toEqual([c]);
    node.pass(420);
    expect(rankOf(node.state, group)).toBe(0);
  });
});
