import { describe, expect, it } from "vitest";
import { admitNode } from "../../../../shared/domain/licensing/admission.ts";
import { day, sampleTerm } from "./sample-term.ts";

describe("licences: one more node", () => {
  it.each([
    ["there are fewer than licensed", [sampleTerm()], 1, 11 * day],
    ["two licences together allow it", [sampleTerm(), sampleTerm({ nodes: 1 })], 2, 11 * day],
    ["the licence is in its grace", [sampleTerm()], 1, 25 * day],
    ["it is a trial", [sampleTerm({ isTrial: true, nodes: 8 })], 7, 11 * day],
    ["the first node needs no redundancy", [sampleTerm({ entitlements: [] })], 0, 11 * day],
  ])("fits where %s", (_situation, terms, nodes, nowMs) => {
    expect(admitNode(terms, { nodes }, "front desk", nowMs)).toEqual({ admitted: true });
  });

  it.each([
    ["no licence at all", [], 0, 11, "licence-required", "cluster front desk has no licence"],
    ["not begun yet", [sampleTerm({ validFromMs: 12 * day })], 0, 11, "licence-required", "no licence of cluster front desk has begun yet"],
    ["lapsed", [sampleTerm()], 1, 26, "licence-required", "the licences of cluster front desk have lapsed"],
    ["the trial over", [sampleTerm({ isTrial: true })], 1, 26, "licence-required", "the trial of cluster front desk is over"],
    [
      "no redundancy",
      [sampleTerm({ entitlements: ["active_cluster_member"] })],
      1,
      11,
      "licence-required",
      "the licences of cluster front desk do not include redundancy, which a second node needs; it already has 1",
    ],
    ["all taken", [sampleTerm()], 2, 11, "licence-limit", "licences allow 2 nodes; cluster front desk already has 2"],
    ["one taken", [sampleTerm({ nodes: 1 })], 1, 11, "licence-limit", "licences allow 1 node; cluster front desk already has 1"],
    [
      "one of two lapsed",
      [sampleTerm(), sampleTerm({ nodes: 1, validUntilMs: 11 * day, graceDays: 0 })],
      2,
      12,
      "licence-limit",
      "licences allow 2 nodes (a licence has lapsed); cluster front desk already has 2",
    ],
  ])("%s: refused with the numbers", (_situation, terms, nodes, at, code, reason) => {
    expect(admitNode(terms, { nodes }, "front desk", at * day)).toEqual({ admitted: false, code, reason });
  });
});
