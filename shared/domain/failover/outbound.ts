import type { GroupName, NodeId } from "../ids.ts";
import { recentMoves } from "../priority/flap-guard.ts";
import { usFromMs } from "../time.ts";
import { ineligibility } from "./eligibility.ts";
import { holderOf } from "./holder.ts";
import { boundUntilUs, isBinding } from "./lease.ts";
import type { GrantState, GroupState, LastHeard, NodeStatus, PeerMessage, Seen } from "./messages.ts";
import type { NodeState } from "./node-state.ts";
import { quarantinedUntilUs } from "./quarantine-watch.ts";
import { soleWish } from "./sole.ts";
import { toldSole } from "./sole-note.ts";
import { entries, leaseUsOf, nextEnvelope, peersOf, type Turn, timingOf } from "./turn.ts";

const nothingKnown: NodeStatus = { threadAgesMs: {}, dataSets: [], groupProblems: {} };

/** The whole lease state to every peer: repairs whatever was lost before. */
export function sendHeartbeats(turn: Turn): void {
  const { state, nowUs } = turn;
  const groups = groupStatesOf(state, nowUs);
  const grants = grantStatesOf(state, nowUs);
  const lastHeard = lastHeardOf(state, nowUs);
  const quarantineUs = Math.max(0, quarantinedUntilUs(state) - nowUs);
  for (const to of peersOf(state)) {
    send(turn, to, {
      ...nextEnvelope(turn),
      type: "heartbeat",
      groups,
      grants,
      lastHeard,
      quarantineUs,
      readmissions: state.readmissions,
      status: state.status ?? nothingKnown,
    });
  }
}

export function send(turn: Turn, to: NodeId, message: PeerMessage): void {
  turn.effects.push({ type: "send", to, message });
}

/** The peer acts on an older document. At most one copy per lease and peer: documents are large. */
export function offerDocument(turn: Turn, to: NodeId): void {
  const peer = turn.state.peers[to];
  const pauseUs = usFromMs(timingOf(turn.state).leaseMs / 2);
  if (peer === undefined || (peer.documentSentAtUs !== null && turn.nowUs - peer.documentSentAtUs < pauseUs)) return;
  turn.state = { ...turn.state, peers: { ...turn.state.peers, [to]: { ...peer, documentSentAtUs: turn.nowUs } } };
  turn.effects.push({ type: "send-document", to });
}

export function sendRequest(turn: Turn, to: NodeId, group: GroupName, epoch: number, requestId: number): void {
  send(turn, to, {
    ...nextEnvelope(turn),
    type: "lease-request",
    group,
    epoch,
    leaseUs: leaseUsOf(turn.state),
    requestId,
    seen: seenOf(turn.state, to),
  });
}

/** What this node has had from the receiver. */
export function seenOf(state: NodeState, node: NodeId): Seen | null {
  const peer = state.peers[node];
  return peer === undefined || peer.heardAtUs === null ? null : { incarnation: peer.incarnation, sequence: peer.sequence };
}

export function groupStatesOf(state: NodeState, nowUs: number): readonly GroupState[] {
  return Object.values(state.groups).map((run) => ({
    group: run.name,
    state: run.state,
    epoch: run.epoch > 0 ? run.epoch : (run.lastHolder?.epoch ?? 0),
    highestAsked: run.epochSeen,
    holder: holderOf(state, run.name, nowUs),
    ineligible: ineligibility(state, run, nowUs),
    released: run.released,
    moves: recentMoves(state, run, nowUs).map(({ epoch, atUs }) => ({ epoch, ageUs: Math.max(0, nowUs - atUs) })),
    movesForgiven: run.movesForgiven,
    sole: toldSole(state, run.name),
    soleWish: soleWish(state, run),
  }));
}

function grantStatesOf(state: NodeState, nowUs: number): readonly GrantState[] {
  return entries(state.grants).flatMap(([group, grant]) => {
    if (!isBinding(grant, nowUs)) return [];
    const { to, toIncarnation, epoch, requestId } = grant;
    return [{ group, to, toIncarnation, epoch, requestId, remainingUs: boundUntilUs(grant) - nowUs }];
  });
}

function lastHeardOf(state: NodeState, nowUs: number): readonly LastHeard[] {
  return entries(state.peers).flatMap(([node, { heardAtUs, incarnation, sequence, leaves, readmissions }]) => {
    if (heardAtUs === null) return [];
    const quarantineUs = Math.max(0, leaves.quarantinedUntilUs - nowUs);
    return [{ node, ageUs: Math.max(0, nowUs - heardAtUs), incarnation, sequence, quarantineUs, readmissions }];
  });
}
