import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import { learnerToPromote, type VoterReport } from "../../../../shared/domain/membership/promotion.ts";
import { clusterDocument, groupName, nodeIdOf } from "../../../simulation/cluster.ts";

const [a, b, c, d] = [0, 1, 2, 3].map(nodeIdOf) as [NodeId, NodeId, NodeId, NodeId];

function cluster(voters: readonly NodeId[], learners: readonly NodeId[], version = 5): ClusterDocument {
  return clusterDocument(
    {
      whenAlone: "stop",
      documentTiming: "default",
      groups: [{ name: groupName, failback: "manual", preference: null }],
      furtherPaths: 0,
      on: new Set(),
    },
    version,
    [...voters, ...learners],
    new Set(learners),
  );
}

function report(nodeId: NodeId, hears: readonly NodeId[], more: Partial<VoterReport> = {}): VoterReport {
  const peers = hears.map((peer) => ({ nodeId: peer, reachable: true }));
  return { nodeId, documentVersion: 5, groups: [{ state: "standby" }], peers, ...more };
}

describe("promotion: a learner becomes a voter", () => {
  it("it acts on this document, may grant, and hears and is heard: promoted", () => {
    expect(learnerToPromote(cluster([a], [b]), [report(a, [b]), report(b, [a])])).toBe(b);
  });

  it("a majority of voters is enough: one that is down does not hold it up", () => {
    expect(learnerToPromote(cluster([a, b, c], [d]), [report(a, [d]), report(b, [d]), report(d, [a, b])])).toBe(d);
    expect(learnerToPromote(cluster([a, b, c], [d]), [report(a, [d]), report(d, [a, b, c])])).toBeNull();
  });

  it("nobody is a learner: nobody is promoted", () => {
    expect(learnerToPromote(cluster([a, b], []), [report(a, [b]), report(b, [a])])).toBeNull();
  });

  it("no voter at all: none may be made, since an earlier one may still hold a lease", () => {
    expect(learnerToPromote(cluster([], [b]), [report(b, [])])).toBeNull();
  });

  it("of two learners the one that is ready, though the other comes first", () => {
    expect(learnerToPromote(cluster([a], [b, c]), [report(a, [b, c]), report(c, [a])])).toBe(c);
  });
});

describe("promotion: a learner that the cluster could not count on", () => {
  it.each<[string, readonly VoterReport[]]>([
    ["it has not reported", [report(a, [b])]],
    ["it acts on an older document", [report(a, [b]), report(b, [a], { documentVersion: 4 })]],
    ["it still keeps an earlier run's promises", [report(a, [b]), report(b, [a], { groups: [{ state: "just-started" }] })]],
    ["it does not hear the voter", [report(a, [b]), report(b, [])]],
    ["the voter does not hear it", [report(a, []), report(b, [a])]],
    ["the voter acts on an older document, and would be asked in vain", [report(a, [b], { documentVersion: 4 }), report(b, [a])]],
  ])("%s: it stays a learner", (_situation, reports) => {
    expect(learnerToPromote(cluster([a], [b]), reports)).toBeNull();
  });
});
