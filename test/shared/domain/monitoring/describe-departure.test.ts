import { expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { describeDeparture } from "../../../../shared/domain/monitoring/describe-departure.ts";
import type { Observation } from "../../../../shared/domain/monitoring/observation.ts";
import { healthySample } from "../../../functions/console/sample-cluster.ts";

const now = healthySample({ nodeNames: ["a", "b", "c", "d"] });
const [a, b, c] = now.document.nodes.map(({ nodeId }) => nodeId) as [NodeId, NodeId, NodeId];

function without(observation: Observation, ...leaving: readonly NodeId[]): readonly string[] {
  const { document } = observation;
  const nodes = document.nodes.filter(({ nodeId }) => !leaving.includes(nodeId));
  const groups = document.groups.map((group) => ({ ...group, order: group.order.filter((nodeId) => !leaving.includes(nodeId)) }));
  return describeDeparture(observation, { ...document, nodes, groups }, 3);
}

it("a standby: nothing stops, its neighbours in the ring come together, its licence is free", () => {
  expect(without(now, c)).toEqual([
    "replication streams that end: b and c, c and d",
    "replication streams that begin: b and d",
    "3 of 3 licensed nodes are in use then, in place of 4",
  ]);
});

it("who runs the group: who takes it over, and how that goes without an outage", () => {
  expect(without(now, a)[0]).toBe(
    "group default runs on a: it stops there, and the first of b, c, d that can takes it over; understudy agent switchover --group default --to NODE moves it before, without an outage",
  );
});

it("nobody is left for the group", () => {
  const [group] = now.document.groups;
  if (group === undefined) throw new Error("the sample has a group");
  const alone = { ...now, document: { ...now.document, groups: [{ ...group, order: [a] }] } };
  expect(without(alone, a)[0]).toBe("group default runs on a: it stops there, and nobody else may run it");
});

it("two are left, then one: a stream of two is one stream, and one has none", () => {
  expect(without(now, c, b)).toContain("replication streams that end: a and b, b and c, c and d");
  expect(without(now, b, c, now.document.nodes[3]?.nodeId ?? b)).not.toContainEqual(expect.stringContaining("that begin"));
});

it("nobody leaves: nothing", () => {
  expect(without(now)).toEqual([]);
});
