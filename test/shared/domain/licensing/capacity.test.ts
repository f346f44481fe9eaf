import { describe, expect, it } from "vitest";
import { admitNode, coveredNodes, type LicenceTerm, licensedNodes, standingOf } from "../../../../shared/domain/licensing/capacity.ts";

const day = 86_400_000;
const term = (change: Partial<LicenceTerm> = {}): LicenceTerm => ({
  nodes: 2,
  validFromMs: 10 * day,
  validUntilMs: 20 * day,
  graceDays: 5,
  ...change,
});

describe("licences: what a licence counts for", () => {
  it.each([
    [10 * day - 1, "not-yet-valid"],
    [10 * day, "valid"],
    [20 * day, "valid"],
    [20 * day + 1, "grace"],
    [25 * day, "grace"],
    [25 * day + 1, "lapsed"],
  ] as const)("at %d ms it is %s", (nowMs, standing) => {
    expect(standingOf(term(), nowMs)).toBe(standing);
  });

  it("licences add up while they are valid; in their grace they cover, and admit nothing", () => {
    const terms = [term(), term({ nodes: 3, validUntilMs: 12 * day }), term({ nodes: 1, validFromMs: 30 * day })];
    expect([licensedNodes(terms, 11 * day), licensedNodes(terms, 13 * day), licensedNodes([], 0)]).toEqual([5, 2, 0]);
    expect([coveredNodes(terms, 13 * day), coveredNodes(terms, 18 * day)]).toEqual([5, 2]);
  });
});

describe("licences: one more node", () => {
  it("fits as long as there are fewer than licensed", () => {
    expect(admitNode([term()], 1, "front desk", 11 * day)).toEqual({ admitted: true });
  });

  it.each([
    ["no licence at all", [], 0, "cluster front desk has no licence"],
    ["all taken", [term()], 2, "licences allow 2 nodes; cluster front desk already has 2"],
    ["one taken", [term({ nodes: 1 })], 1, "licences allow 1 node; cluster front desk already has 1"],
    ["not begun yet", [term({ validFromMs: 12 * day })], 0, "licences allow 0 nodes; cluster front desk has none yet"],
    ["run out", [term({ validUntilMs: 10 * day })], 1, "licences allow 0 nodes (a licence has run out); cluster front desk already has 1"],
  ])("%s: refused with the numbers", (_situation, terms, nodes, reason) => {
    expect(admitNode(terms, nodes, "front desk", 11 * day)).toEqual({ admitted: false, reason });
  });
});
