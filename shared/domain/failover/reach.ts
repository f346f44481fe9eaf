import type { GroupName, NodeId } from "../ids.ts";
import { hearEachOther } from "../membership/failure-detector.ts";
import { isVoter, votersOf } from "../membership/quorum.ts";
import { type MonotonicUs, usFromMs } from "../time.ts";
import { holdingStates } from "./group-states.ts";
import { isBinding } from "./lease.ts";
import type { NodeState, PeerView } from "./node-state.ts";
import { boundTo, votesNeeded } from "./sole-note.ts";
import { otherNodeVotersOf, timingOf } from "./turn.ts";

/** Whether this node and the voter hear each other, so that a question finds its answer. A voter always reaches itself. */
export function reaches(state: NodeState, voter: NodeId, nowUs: MonotonicUs): boolean {
  if (voter === state.nodeId) return isVoter(state.document, voter);
  const peer = state.peers[voter];
  return peer !== undefined && hearEachOther(peer, nowUs, usFromMs(timingOf(state).suspectAfterMs.usual));
}

/** Whether another voting node has told its state since this node's start. */
export function hasHeardBeat(state: NodeState): boolean {
  return otherNodeVotersOf(state).some((node) => (state.peers[node]?.heartbeatSequence ?? -1) >= 0);
}

export function reachOf(state: NodeState, nowUs: MonotonicUs): number {
  return votersOf(state.document).filter((voter) => reaches(state, voter, nowUs)).length;
}

/** Whether it has said that its agent would be away until now: its vote is not to be had, and nothing is wrong. */
export function isAway(peer: PeerView, nowUs: MonotonicUs): boolean {
  return nowUs < peer.awayUntilUs;
}

/** With those voters that have said that they would be away, and will soon be back. */
export function reachOrAway(state: NodeState, nowUs: MonotonicUs): number {
  return votersOf(state.document).filter((voter) => {
    const peer = state.peers[voter];
    return reaches(state, voter, nowUs) || (peer !== undefined && isAway(peer, nowUs));
  }).length;
}

/** Whether so many voters are in reach as this node needs for the group. */
export function hasQuorum(state: NodeState, group: GroupName, nowUs: MonotonicUs): boolean {
  return reachOf(state, nowUs) >= votesNeeded(state, group);
}

/**
 * Whether a majority of voters is in reach of which none is known to be bound to another node, and nobody who is heard says
 * that it holds the group. Who asks without that could only disturb a holder that is well: its number would rise above the
 * holder's for nothing (L2), and its vote given back would call for the next heartbeats at once.
 */
export function couldWin(state: NodeState, group: GroupName, nowUs: MonotonicUs): boolean {
  const own = state.grants[group];
  if ((isBinding(own, nowUs) && own.to !== state.nodeId) || boundTo(state, group) !== null) return false;
  const isHeld = Object.values(state.peers).some(
    (peer) => (!peer.silent || isAway(peer, nowUs)) && holdingStates.has(peer.groups[group]?.state ?? ""),
  );
  if (isHeld) return false;
  const voters = votersOf(state.document);
  const open = voters.filter((voter) => reaches(state, voter, nowUs) && (voter === state.nodeId || isOpen(state, group, voter, nowUs)));
  return open.length >= votesNeeded(state, group);
}

function isOpen(state: NodeState, group: GroupName, voter: NodeId, nowUs: MonotonicUs): boolean {
  const peer = state.peers[voter];
  if (peer === undefined || peer.groups[group]?.state === "just-started") return false;
  const promise = peer.grants[group];
  // One to an earlier run of this node binds it, too.
  const isOwn = promise?.to === state.nodeId && promise.toIncarnation === state.incarnation;
  return promise === undefined || isOwn || nowUs >= promise.untilUs;
}
