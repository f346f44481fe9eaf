import type { NodeReport } from "../monitoring/node-report.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { isCloudReady, isReadyToVote, type VoterReport } from "./promotion.ts";
import { nodeVotersOf } from "./quorum.ts";

/** A cluster whose nodes have only just joined, or that somebody is at work on, is left alone for so long. */
const quietForMs = 60_000;

/** Its nodes alone cannot always make a majority, and nothing else was chosen for that. */
export function isCloudWitnessPossible({ nodes, witness, whenAlone, cloudWitness, approval }: ClusterDocument): boolean {
  // An approver would have to sign for it: that is for somebody to ask for.
  if ((approval?.key ?? null) !== null) return false;
  return nodes.length > 0 && nodes.length % 2 === 0 && witness === undefined && whenAlone === undefined && cloudWitness !== "off";
}

/**
 * Whether the control plane makes itself the witness: an even number of nodes, all with a vote, which can ask it, and nothing else chosen for
 * when they lose each other. `unchangedForMs`: the age of this document.
 */
export function isCloudWitnessDue(
  document: ClusterDocument,
  reports: readonly Pick<NodeReport, "nodeId" | "cloudVote">[],
  unchangedForMs: number,
): boolean {
  const { nodes } = document;
  if (!isCloudWitnessPossible(document) || nodes.some(({ voting }) => !voting)) return false;
  if (unchangedForMs < quietForMs) return false;
  return nodes.every(({ nodeId }) => reports.some((report) => report.nodeId === nodeId && report.cloudVote !== undefined));
}

/** Whether the witness's vote is not as the number of voting nodes asks for; what the reports say decides when that is put right. */
export function isWitnessVoteUnsettled({ witness, ...document }: ClusterDocument): boolean {
  return witness !== undefined && witness.voting !== isVoteWanted(document);
}

function isVoteWanted(document: ClusterDocument): boolean {
  const voting = nodeVotersOf(document).length;
  return voting > 0 && voting % 2 === 0;
}

/**
 * Whether the witness shall have a vote from now on: with an even number of voting nodes it breaks their tie, with an odd one it
 * would only be one more that must agree. It gets the vote like a learner, once it can give it at once, and loses it as soon as the
 * number is odd; each is a change of voters by one, like any other. Null: nothing is to be changed.
 */
export function witnessVoteDue(document: ClusterDocument, reports: readonly VoterReport[]): boolean | null {
  const { witness } = document;
  if (witness === undefined || !isWitnessVoteUnsettled(document)) return null;
  if (witness.voting) return false;
  const isReady = witness.kind === "cloud" ? isCloudReady : isReadyToVote;
  return isReady(document, witness.nodeId, reports) ? true : null;
}
