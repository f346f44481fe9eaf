import type { GrantState, GroupState, Heartbeat } from "../domain/failover/messages.ts";
import type { GroupName, NodeId } from "../domain/ids.ts";
import type { MonotonicUs } from "../domain/time.ts";
import type { CloudVote } from "./cloud-vote.ts";

/** As the witness itself would say it: what it has promised to others, which numbers it knows, and that it hears this node. */
export function witnessHeartbeat(
  voter: { readonly witness: NodeId; readonly sequence: number; readonly documentVersion: number },
  node: { readonly nodeId: NodeId; readonly incarnation: number; readonly sequence: number },
  votes: ReadonlyMap<GroupName, CloudVote>,
  nowUs: MonotonicUs,
): Heartbeat {
  const { witness: from, sequence, documentVersion } = voter;
  const heard = { node: node.nodeId, ageUs: 0, incarnation: node.incarnation, sequence: node.sequence, quarantineUs: 0, readmissions: 0 };
  return {
    type: "heartbeat",
    from,
    incarnation: 1,
    sequence,
    documentVersion,
    groups: [...votes].map(([group, { epoch }]) => groupState(group, epoch)),
    grants: [...votes].flatMap(([group, vote]) => grantState(group, vote, nowUs)),
    lastHeard: [heard],
    quarantineUs: 0,
    readmissions: 0,
    status: { threadAgesMs: {}, dataSets: [], groupProblems: {} },
  };
}

function groupState(group: GroupName, highestAsked: number): GroupState {
  const nothing = { epoch: 0, holder: null, released: null, moves: [], movesForgiven: 0, sole: { number: 0, node: null }, soleWish: 0 };
  return { group, state: "standby", highestAsked, ineligible: "a witness runs no group", ...nothing };
}

function grantState(group: GroupName, vote: CloudVote, nowUs: MonotonicUs): readonly GrantState[] {
  const { observed } = vote;
  const remainingUs = vote.observedUntilUs() - nowUs;
  if (observed === null || observed.to === null || remainingUs <= 0) return [];
  const { to, toIncarnation, epoch, requestId } = observed;
  return [{ group, to, toIncarnation, epoch, requestId, remainingUs }];
}
