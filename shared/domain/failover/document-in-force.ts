import { majorityOf, votersOf } from "../membership/quorum.ts";
import { longPromisesOf } from "./long-promise.ts";
import type { NodeState } from "./node-state.ts";

/**
 * The version of the cluster document that this node answers for to the control plane, so that voters are not changed a second time too soon (rule 6):
 * while a long promise of an earlier version binds it, that one; and the one before its voters until it has heard a majority of them act on
 * them. One of those has granted whatever the earlier voters had agreed on, so from then on this node knows its epoch, and so does whoever comes after.
 */
export function documentVersionInForce(state: NodeState, nowUs: number): number {
  const bound = Object.values(longPromisesOf(state, nowUs)).map(({ documentVersion }) => documentVersion);
  const { version } = state.document;
  return Math.min(hasHeardItsVoters(state) ? version : Math.min(version, state.votersSinceVersion - 1), ...bound);
}

function hasHeardItsVoters({ document, nodeId, peers, votersSinceVersion }: NodeState): boolean {
  const voters = votersOf(document);
  const acting = voters.filter((voter) => voter === nodeId || (peers[voter]?.documentVersion ?? 0) >= votersSinceVersion);
  return acting.length >= majorityOf(voters.length);
}
