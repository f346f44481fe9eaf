import type { ClusterDocument } from "./cluster-document.ts";
import { isReadyToVote, type VoterReport } from "./promotion.ts";
import { nodeVotersOf } from "./quorum.ts";

/**
 * Whether the witness shall have a vote from now on: with an even number of voting nodes it breaks their tie, with an odd one it
 * would only be one more that must agree. It gets the vote like a learner, once it can give it at once, and loses it as soon as the
 * number is odd; each is a change of voters by one, like any other. Null: nothing is to be changed.
 */
export function witnessVoteDue(document: ClusterDocument, reports: readonly VoterReport[]): boolean | null {
  const { witness } = document;
  if (witness === undefined) return null;
  const voting = nodeVotersOf(document).length;
  const isWanted = voting > 0 && voting % 2 === 0;
  if (witness.voting) return isWanted ? null : false;
  return isWanted && isReadyToVote(document, witness.nodeId, reports) ? true : null;
}
