import { expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { dataSet, TalkingNodes } from "./talking-nodes.ts";

/** a - b - c: the ends have no stream. */
function chain(): { cluster: TalkingNodes; a: NodeId; b: NodeId; c: NodeId } {
  const cluster = new TalkingNodes(3, [
    [0, 1],
    [1, 2],
  ]);
  return { cluster, a: cluster.node(0), b: cluster.node(1), c: cluster.node(2) };
}

/** Each of the three passes it on within a second. */
it("every node knows how old what each shows of each other is, over a third one too, whatever their clocks say", () => {
  const { cluster, a, b, c } = chain();
  cluster.aheadMs.set(c, -90_000_000);
  cluster.passes(10_000);
  for (const asked of [a, b, c]) {
    const ages = cluster.report(asked).ages[dataSet] ?? {};
    for (const shower of [a, b, c]) {
      for (const origin of [a, b, c].filter((node) => node !== shower)) {
        expect(ages[shower]?.[origin], `${asked}: ${origin} on ${shower}`).toBeGreaterThanOrEqual(0);
        expect(ages[shower]?.[origin], `${asked}: ${origin} on ${shower}`).toBeLessThan(4_100);
      }
    }
  }
});

it("what is not here yet ages, however much is heard of it; of a node that runs that is told once, and its end", () => {
  const { cluster, a, b, c } = chain();
  cluster.hears(a, [b, c]);
  cluster.passes(3_000);
  // Committed on b, and it never comes: nothing that is read here is sent.
  cluster.writes(b, 1);
  cluster.passes(20_000);
  const ages = cluster.report(a).ages[dataSet] ?? {};
  expect(ages[a]?.[b]).toBeGreaterThan(19_000);
  expect(ages[b]?.[a]).toBeLessThan(2_100);
  expect(cluster.of("replication.stale").filter(({ by }) => by === a)).toEqual([]);
  cluster.passes(40_000);
  const stale = cluster.of("replication.stale").filter(({ by }) => by === a);
  expect(stale.map(({ origin }) => origin).toSorted()).toEqual([b, c]);
  cluster.applies(a, b, 1);
  cluster.passes(3_000);
  expect(
    cluster
      .of("replication.fresh")
      .filter(({ by }) => by === a)
      .map(({ origin }) => origin)
      .toSorted(),
  ).toEqual([b, c]);
});
