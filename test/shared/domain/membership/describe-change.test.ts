import { describe, expect, it } from "vitest";
import type { GroupName, NodeId, PathName } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument, PriorityGroup } from "../../../../shared/domain/membership/cluster-document.ts";
import { describeChange } from "../../../../shared/domain/membership/describe-change.ts";
import { sampleDocument } from "../../../functions/console/sample-cluster.ts";

const before = sampleDocument({ number: 1, name: "hall", nodeNames: ["a", "b", "c"] });
const [a, b, c] = before.nodes;
if (a === undefined || b === undefined || c === undefined) throw new Error("the sample has three nodes");
const changed = (parts: Partial<ClusterDocument>): readonly string[] =>
  describeChange(before, { ...before, version: before.version + 1, ...parts });
const group = before.groups[0] as PriorityGroup;

describe("what becomes of a cluster with a change of its document", () => {
  it("nothing, where nothing is changed", () => {
    expect(changed({})).toEqual([]);
  });

  it("names, addresses and networks", () => {
    const moved = { ...b, name: "beta", host: "10.9.9.2", paths: [{ name: "lan-b" as PathName, host: "10.8.0.2" }] };
    expect(changed({ name: "foyer", nodes: [a, moved, c] })).toEqual([
      "the cluster is called foyer in place of hall; nothing else follows",
      "b is called beta; nothing else follows",
      `beta is reached at 10.9.9.2 in place of ${b.host} on path main: its machine must have that address already; each node connects anew, and nothing stops`,
      "beta is reached at 10.8.0.2 on path lan-b: its machine must have that address already; each node connects anew, and nothing stops",
    ]);
    expect(describeChange({ ...before, nodes: [a, moved, c] }, { ...before, nodes: [a, { ...moved, paths: [] }, c] })).toEqual([
      "beta is reached on path lan-b no longer",
    ]);
  });

  it("the ring's order", () => {
    expect(changed({ nodes: [c, a, b] })).toEqual([
      "data goes round the ring in the order c → a → b; streams that are needed no more close, and nothing is sent twice",
    ]);
  });

  it("who leaves and who comes, and who votes then", () => {
    const learner = { ...c, nodeId: "node_d" as NodeId, name: "d", voting: false };
    expect(changed({ nodes: [a, b, learner] })).toEqual([
      "c is no member any more: its certificate is nobody's, and what it held moves to the next in order",
      "d joins the cluster, without a vote until it has everything",
      "votes: a, b in place of a, b, c; 2 of 2 must agree, in place of 2 of 3",
    ]);
  });

  it("groups: who runs them stays, resources start and stop", () => {
    const more = { ...group, order: [c.nodeId, a.nodeId], failback: { mode: "automatic", stableForMs: 60_000 } } as const;
    const resources = [{ kind: "service", name: "phones" }] as const;
    const fresh = { ...group, name: "paging" as GroupName, order: [b.nodeId] };
    const lines = changed({ groups: [{ ...more, resources, swapOnReset: false }, fresh] });
    expect(lines).toEqual([
      "group default may run on c, a, in this order: whoever runs it goes on, as long as it is one of them; it goes home to the first of them once that was fit for 60 s",
      ...(group.resources.length === 0 ? [] : [expect.stringMatching(/^group default: .* stops where the group runs$/)]),
      "group default: service phones starts where the group runs",
      "group default: failback is automatic",
      "group default: a service that dies is started anew where it was",
      "group paging is new: b may run it, and the first of them that can takes it",
    ]);
  });
});
