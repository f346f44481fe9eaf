import { expect, test } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { nextRingStep, type RingView, successorsOf } from "../../../../shared/domain/replication/ring.ts";

const [a, b, c, d] = ["a", "b", "c", "d"] as unknown as [NodeId, NodeId, NodeId, NodeId];

function step(view: Partial<RingView> & { live?: readonly NodeId[]; level?: readonly NodeId[] }) {
  const { live = [b, c, d], level = [], ...rest } = view;
  return nextRingStep({
    order: [a, b, c, d],
    self: a,
    partner: undefined,
    isLive: (node) => live.includes(node),
    isLevel: (node) => level.includes(node),
    ...rest,
  });
}

test("ring: the order of preference starts behind the node and goes round", () => {
  expect(successorsOf([a, b, c, d], c)).toEqual([d, a, b]);
  expect(successorsOf([a], a)).toEqual([]);
  expect(successorsOf([a, b], d)).toEqual([]);
});

test("ring: all live; the node synchronises with its expected successor and keeps it", () => {
  expect(step({})).toEqual({ kind: "start", partner: b });
  expect(step({ partner: b })).toEqual({ kind: "keep" });
});

test("ring: the expected successor falls silent; it is bypassed at once for the next live node", () => {
  expect(step({ partner: b, live: [d] })).toEqual({ kind: "bypass", expected: b, partner: d });
});

test("ring: the expected successor is back but not level; the substitute is kept (sticky)", () => {
  expect(step({ partner: d })).toEqual({ kind: "keep" });
  expect(step({ partner: d, live: [c, d] })).toEqual({ kind: "keep" });
});

test("ring: the expected successor is back and level; failback", () => {
  expect(step({ partner: d, level: [b] })).toEqual({ kind: "failback", partner: b });
});

test("ring: the substitute falls silent too; the expected one is preferred to a third", () => {
  expect(step({ partner: d, live: [b, c] })).toEqual({ kind: "start", partner: b });
});

test("ring: nobody is left; said once, then waited", () => {
  expect(step({ partner: b, live: [] })).toEqual({ kind: "no-peer", expected: b });
  expect(step({ live: [] })).toEqual({ kind: "keep" });
});

test("ring: the partner has left the cluster; the next one takes its place", () => {
  expect(step({ order: [a, c, d], partner: b })).toEqual({ kind: "start", partner: c });
});

test("ring: a cluster of one has nobody to look for", () => {
  expect(step({ order: [a] })).toEqual({ kind: "keep" });
});
