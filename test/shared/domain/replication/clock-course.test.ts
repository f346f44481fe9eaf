import { describe, expect, it } from "vitest";
import { TalkingNodes } from "./talking-nodes.ts";

const hourMs = 3_600_000;

/** Their clocks are known to each other, and right. */
function aligned(count: number): TalkingNodes {
  const cluster = new TalkingNodes(count);
  cluster.passes(3_000);
  return cluster;
}

describe("a clock that becomes wrong", () => {
  it.each([hourMs, -hourMs])("by %d ms: a majority names it, once; what its node writes waits, and only that", (aheadMs) => {
    const cluster = aligned(3);
    const [a, b, c] = [cluster.node(0), cluster.node(1), cluster.node(2)];
    for (const node of [a, b, c]) cluster.writes(node, 2);
    cluster.passes(2_000);
    cluster.aheadMs.set(b, aheadMs);
    cluster.passes(3_000);
    for (const node of [a, b, c]) cluster.writes(node, 5);
    cluster.passes(1_000);
    expect([a, b, c].map((node) => cluster.withheld(node))).toEqual([0, 5, 0]);
    // Whoever lacks what is kept back is not behind.
    expect(cluster.given(b)).toMatchObject({ withheld: 5, vector: { [`${b}:1`]: 2 } });
    expect(cluster.given(a)).toMatchObject({ withheld: 0, keptElsewhere: 5 });
    const [skewed, ...more] = cluster.of("clock.skewed");
    expect(more).toEqual([]);
    expect(skewed).toMatchObject({ by: a, node: b, than: null, limitMs: 15_000 });
    expect(Math.abs((skewed?.aheadMs ?? 0) - aheadMs)).toBeLessThan(20);
    expect([a, b, c].map((node) => cluster.report(node).clock.standing)).toEqual(["aligned", aheadMs > 0 ? "ahead" : "behind", "aligned"]);

    cluster.aheadMs.set(b, 0);
    cluster.passes(58_000);
    expect(cluster.withheld(b)).toBe(5);
    expect(cluster.of("clock.aligned")).toEqual([]);
    cluster.passes(5_000);
    expect(cluster.withheld(b)).toBe(0);
    expect(cluster.of("clock.aligned")).toMatchObject([{ by: a, node: b, than: null }]);
  });

  it("the node itself is not asked who tells: the next one in ring order does", () => {
    const cluster = aligned(3);
    cluster.aheadMs.set(cluster.node(0), hourMs);
    cluster.passes(3_000);
    expect(cluster.of("clock.skewed")).toMatchObject([{ by: cluster.node(1), node: cluster.node(0) }]);
  });

  it("differences that are less than the limit are none, until a data set declares a narrower one", () => {
    const cluster = aligned(3);
    cluster.aheadMs.set(cluster.node(2), 10_000);
    cluster.passes(5_000);
    expect(cluster.of("clock.skewed")).toEqual([]);
    cluster.declare(5_000);
    cluster.passes(1_000);
    expect(cluster.of("clock.skewed")).toMatchObject([{ node: cluster.node(2), limitMs: 5_000 }]);
  });

  it("hovers about the limit: it is wrong all the while, and told once", () => {
    const cluster = aligned(3);
    for (let round = 0; round < 10; round += 1) {
      cluster.aheadMs.set(cluster.node(1), round % 2 === 0 ? 16_000 : 14_000);
      cluster.passes(10_000);
    }
    expect(cluster.of("clock.skewed")).toHaveLength(1);
    expect(cluster.of("clock.aligned")).toEqual([]);
  });
});

describe("two nodes alone whose clocks differ", () => {
  it("nobody can say whose is wrong: both wait, until they agree again", () => {
    const cluster = aligned(2);
    const [a, b] = [cluster.node(0), cluster.node(1)];
    cluster.aheadMs.set(b, hourMs);
    cluster.passes(2_000);
    for (const node of [a, b]) cluster.writes(node, 3);
    cluster.passes(1_000);
    expect([cluster.withheld(a), cluster.withheld(b)]).toEqual([3, 3]);
    expect(cluster.of("clock.skewed")).toMatchObject([{ by: a, node: b, than: a }]);
    expect(cluster.report(a).clock.standing).toBe("disputed");

    cluster.aheadMs.set(b, 0);
    cluster.passes(65_000);
    expect([cluster.withheld(a), cluster.withheld(b)]).toEqual([0, 0]);
    expect(cluster.of("clock.aligned")).toMatchObject([{ by: a, node: b, than: a }]);
  });

  it("an operator lets one of them go: that one's writes wait no more, the other's do", () => {
    const cluster = aligned(2);
    const [a, b] = [cluster.node(0), cluster.node(1)];
    cluster.aheadMs.set(b, hourMs);
    cluster.passes(2_000);
    cluster.release(a);
    for (const node of [a, b]) cluster.writes(node, 3);
    cluster.passes(1_000);
    expect([cluster.withheld(a), cluster.withheld(b)]).toEqual([0, 3]);
    expect(cluster.report(a).clock.released).toBe(true);
  });
});
