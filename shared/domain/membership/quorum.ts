import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { oncePerDocument } from "./once-per-document.ts";

/** Who has a vote: every node but the learners, and the witness once it was given one. */
export type VoterId = NodeId;

export const votersOf = oncePerDocument((document): readonly VoterId[] => {
  const witness = votingWitnessOf(document);
  return witness === null ? nodeVotersOf(document) : [...nodeVotersOf(document), witness];
});

/** The voters that may hold a group themselves. */
export const nodeVotersOf = oncePerDocument((document): readonly VoterId[] =>
  document.nodes.filter((node) => node.voting).map((node) => node.nodeId),
);

/** The voter that is asked only where the nodes alone do not suffice. */
export function votingWitnessOf({ witness }: ClusterDocument): VoterId | null {
  return witness?.voting === true ? witness.nodeId : null;
}

export function isVoter(document: ClusterDocument, node: NodeId): boolean {
  return votersOf(document).includes(node);
}

/** Any two majorities of the same voters, or of voters that differ by one, share at least one voter. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
