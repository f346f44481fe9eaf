import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import type { VoterReport } from "../../../../shared/domain/membership/promotion.ts";
import { votersOf } from "../../../../shared/domain/membership/quorum.ts";
import { witnessVoteDue } from "../../../../shared/domain/membership/witness-vote.ts";
import { clusterDocument, groupName, nodeIdOf, witnessId as w } from "../../../simulation/cluster.ts";

const [a, b, c] = [0, 1, 2].map(nodeIdOf) as [NodeId, NodeId, NodeId];

function cluster(voters: readonly NodeId[], voting: boolean, learners: readonly NodeId[] = []): ClusterDocument {
  const options = {
    furtherPaths: 0,
    whenAlone: "stop",
    documentTiming: "default",
    groups: [{ name: groupName, failback: "manual", preference: null }],
    on: new Set<never>(),
  } as const;
  return clusterDocument(options, 5, [...voters, ...learners], new Set(learners), { voting });
}

function report(nodeId: NodeId, hears: readonly NodeId[], state = "standby"): VoterReport {
  return { nodeId, documentVersion: 5, groups: [{ state }], peers: hears.map((peer) => ({ nodeId: peer, reachable: true })) };
}

const heard = [report(a, [b, w]), report(b, [a, w])];

describe("the witness's vote", () => {
  it("an even number of voting nodes, and it could give it at once: it gets it", () => {
    expect(witnessVoteDue(cluster([a, b], false), [...heard, report(w, [a, b])])).toBe(true);
    expect(votersOf(cluster([a, b], true))).toEqual([a, b, w]);
  });

  it("it keeps silent still, or is not heard: not yet", () => {
    expect(witnessVoteDue(cluster([a, b], false), [...heard, report(w, [a, b], "just-started")])).toBeNull();
    expect(witnessVoteDue(cluster([a, b], false), [report(a, [b]), report(b, [a]), report(w, [a, b])])).toBeNull();
    expect(witnessVoteDue(cluster([a, b], false), heard)).toBeNull();
  });

  it("an odd number: it has none, and loses it whether it is heard or not", () => {
    expect(witnessVoteDue(cluster([a, b, c], false), [...heard, report(w, [a, b, c])])).toBeNull();
    expect(witnessVoteDue(cluster([a, b, c], true), [])).toBe(false);
    expect(witnessVoteDue(cluster([a], true), [])).toBe(false);
  });

  it("learners do not count", () => {
    expect(witnessVoteDue(cluster([a, b], true, [c]), [])).toBeNull();
  });
});
