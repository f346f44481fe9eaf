import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "./cluster-document.ts";

/** Who has a vote: every node but the learners. A witness becomes one more kind of voter here, and is asked only when the nodes alone do not suffice. */
export type VoterId = NodeId;

export function votersOf(document: ClusterDocument): readonly VoterId[] {
  return document.nodes.filter((node) => node.voting).map((node) => node.nodeId);
}

export function isVoter(document: ClusterDocument, node: NodeId): boolean {
  return document.nodes.some(({ nodeId, voting }) => nodeId === node && voting);
}

/** Any two majorities of the same voters, or of voters that differ by one, share at least one voter. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
