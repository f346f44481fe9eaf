import type { NodeId } from "../ids.ts";
import type { GroupReport, NodeReport, PeerReport } from "../monitoring/node-report.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { majorityOf, votersOf } from "./quorum.ts";

/** What is looked at of a node's own report. */
export interface VoterReport extends Pick<NodeReport, "nodeId" | "documentVersion"> {
  readonly groups: readonly Pick<GroupReport, "state">[];
  readonly peers: readonly Pick<PeerReport, "nodeId" | "reachable">[];
}

/** A group's states in which a node cannot grant a lease: it has only just started, or counts as removed. */
const unableToGrant: ReadonlySet<string> = new Set(["just-started", "left"]);

/**
 * The learner that may become a voter now; null where there is none. From its promotion on the cluster counts on its vote, so
 * it must be able to give it at once: it acts on this very document, keeps silent no longer, and hears and is heard by a
 * majority of the voters. Else a cluster that grows from one node to two would stop until the second is up.
 */
export function learnerToPromote(document: ClusterDocument, reports: readonly VoterReport[]): NodeId | null {
  const learners = document.nodes.filter((node) => !node.voting).map((node) => node.nodeId);
  return learners.find((learner) => isReadyToVote(document, learner, reports)) ?? null;
}

/** It acts on this very document, keeps silent no longer, and hears and is heard by a majority of the voters. */
export function isReadyToVote(document: ClusterDocument, learner: NodeId, reports: readonly VoterReport[]): boolean {
  const upToDate = reports.filter((report) => report.documentVersion === document.version);
  const own = upToDate.find((report) => report.nodeId === learner);
  if (own === undefined || own.groups.some((group) => unableToGrant.has(group.state))) return false;
  const voters = votersOf(document);
  const linked = voters.filter((voter) => {
    const theirs = upToDate.find((report) => report.nodeId === voter);
    return hears(own, voter) && theirs !== undefined && hears(theirs, learner);
  });
  return linked.length >= majorityOf(voters.length);
}

/** The control plane's own vote answers a majority of the voters, who act on this very document. */
export function isCloudReady(document: ClusterDocument, witness: NodeId, reports: readonly VoterReport[]): boolean {
  const voters = votersOf(document);
  const answered = reports.filter((report) => report.documentVersion === document.version && hears(report, witness));
  return voters.filter((voter) => answered.some(({ nodeId }) => nodeId === voter)).length >= majorityOf(voters.length);
}

function hears(report: VoterReport, node: NodeId): boolean {
  return report.peers.some((peer) => peer.nodeId === node && peer.reachable);
}
