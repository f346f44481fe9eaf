import type { NodeId } from "../ids.ts";
import { afterLeave, agreedUntilUs, noLeaves } from "../membership/quarantine.ts";
import { votersOf } from "../membership/quorum.ts";
import { isFit, orderOf } from "../priority/candidate-order.ts";
import { type MonotonicUs, msFromUs } from "../time.ts";
import type { Heartbeat, LastHeard } from "./messages.ts";
import type { GroupRun, NodeState, PeerView } from "./node-state.ts";
import { isAway } from "./reach.ts";
import { edit, editPeer, entries, leaseUsOf, peersOf, report, type Turn } from "./turn.ts";

/*
 * A node that keeps dying would take its groups down with it each time. Its peers count how often it left without a word, and
 * tell it; a majority of them keeps it out. Nothing of it is stored: what one node forgets, the others know.
 */

/** A peer has been silent for so long that a lease of its would have run out: it has left, and said nothing. */
export function noticeLeaves(turn: Turn): void {
  if (!Object.values(turn.state.peers).some(({ silent, isLeaveCounted }) => silent && !isLeaveCounted)) return;
  for (const [node, peer] of entries(turn.state.peers)) {
    // One that has said that it would be away has not left without a word.
    if (!peer.silent || peer.isLeaveCounted || peer.heardAtUs === null || isAway(peer, turn.nowUs)) continue;
    if (turn.nowUs - peer.heardAtUs >= leaseUsOf(turn.state)) countLeave(turn, node, peer);
  }
}

/** It is back as a new run before anybody has missed it. */
export function noticeNewRun(turn: Turn, node: NodeId, peer: PeerView): void {
  if (!peer.isLeaveCounted && peer.heardAtUs !== null) countLeave(turn, node, peer);
}

function countLeave(turn: Turn, node: NodeId, peer: PeerView): void {
  const told = Object.values(peer.groups);
  const saidSo = told.length > 0 && told.every(({ state }) => state === "left");
  const leaves = saidSo ? peer.leaves : afterLeave(peer.leaves, turn.state.settings.quarantine, turn.nowUs);
  editPeer(turn, node, { leaves, isLeaveCounted: true });
}

/**
 * What a heartbeat says of this node's quarantine and of the sender's own. A peer that has restarted has forgotten what it saw:
 * that shortens nobody's quarantine, and it takes the sender's own word for the rest of it, once. Only an operator ends it.
 */
export function quarantineToldBy(
  state: NodeState,
  peer: PeerView,
  { lastHeard, quarantineUs: ownUs, readmissions }: Heartbeat,
  nowUs: MonotonicUs,
): Pick<PeerView, "quarantinesUsUntilUs" | "quarantinedUntilUs" | "leaves" | "readmissions"> {
  const ours = lastHeard.find(({ node }) => node === state.nodeId);
  const ofUsUs = ours === undefined || !knowsReadmission(state, ours) ? 0 : ours.quarantineUs;
  const known = readmissions > peer.readmissions ? noLeaves : peer.leaves;
  const isUnknown = ownUs > 0 && known.quarantinedUntilUs === 0;
  return {
    quarantinesUsUntilUs: ofUsUs === 0 ? peer.quarantinesUsUntilUs : Math.max(peer.quarantinesUsUntilUs, nowUs + ofUsUs),
    quarantinedUntilUs: nowUs + ownUs,
    leaves: isUnknown ? { ...known, quarantinedUntilUs: nowUs + ownUs } : known,
    readmissions,
  };
}

/** Whether the peer has had this node's word that an operator has ended its quarantine. */
function knowsReadmission({ incarnation, readmissions }: NodeState, seen: LastHeard): boolean {
  return readmissions === 0 || (seen.incarnation === incarnation && seen.readmissions === readmissions);
}

/** An operator has seen to it: its peers shall forget what they have counted, and what they say until they do is of the time before. */
export function readmit(turn: Turn): void {
  for (const node of peersOf(turn.state)) editPeer(turn, node, { quarantinesUsUntilUs: 0 });
  edit(turn, { readmissions: turn.state.readmissions + 1 });
  turn.heartbeatDue = true;
}

/** Until when this node's peers hold it in quarantine. */
export function quarantinedUntilUs(state: NodeState): MonotonicUs {
  // Asked for with every message, and hardly ever is there any.
  if (Object.values(state.peers).every((peer) => peer.quarantinesUsUntilUs === 0)) return 0;
  const others = votersOf(state.document).filter((voter) => voter !== state.nodeId);
  return agreedUntilUs(
    others.map((node) => state.peers[node]?.quarantinesUsUntilUs ?? 0),
    others.length,
  );
}

/** Null where the quarantine does not keep this node from the group: it never keeps the last one from it. */
export function quarantineProblem(state: NodeState, run: GroupRun, nowUs: MonotonicUs): string | null {
  const untilUs = quarantinedUntilUs(state);
  if (nowUs >= untilUs) return null;
  const hasOther = orderOf(state, run.name).some(
    (node) => node !== state.nodeId && isFit(state, run.name, node) && nowUs >= (state.peers[node]?.quarantinedUntilUs ?? 0),
  );
  if (!hasOther) return null;
  const leftMin = Math.ceil(msFromUs(untilUs - nowUs) / 60_000);
  return `it is in quarantine for ${leftMin} more min: it has left without a word ${state.settings.quarantine.leaves} times`;
}

/** Tells when it begins and when it is over. */
export function noticeQuarantine(turn: Turn): void {
  const { state, nowUs } = turn;
  const untilUs = quarantinedUntilUs(state);
  const isQuarantined = nowUs < untilUs;
  if (isQuarantined === state.isQuarantined) return;
  edit(turn, { isQuarantined });
  const { leaves, withinMs } = state.settings.quarantine;
  if (isQuarantined) report(turn, { kind: "node.quarantined", leaves, withinMs, forMs: Math.round(msFromUs(untilUs - nowUs)) });
  else report(turn, { kind: "node.quarantine-over" });
}
