import type { GroupName, NodeId } from "../ids.ts";
import { participantsOf } from "../membership/members.ts";
import { nodeVotersOf } from "../membership/quorum.ts";
import { profileOf, type TimingProfile } from "../membership/timing-profile.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import { type DurationUs, type MonotonicUs, usFromMs } from "../time.ts";
import type { Effect } from "./effects.ts";
import type { Envelope } from "./messages.ts";
import type { GroupRun, NodeState, PeerView } from "./node-state.ts";

/** One step in the making: the state so far, and the effects so far. Lives no longer than the step. */
export interface Turn {
  readonly nowUs: MonotonicUs;
  state: NodeState;
  readonly effects: Effect[];
  /** Peers should hear of this at once, not with the next heartbeat. */
  heartbeatDue: boolean;
}

export function edit(turn: Turn, patch: Partial<NodeState>): void {
  turn.state = { ...turn.state, ...patch };
}

export function editGroup(turn: Turn, name: GroupName, patch: Partial<GroupRun>): void {
  edit(turn, { groups: { ...turn.state.groups, [name]: { ...groupOf(turn, name), ...patch } } });
}

export function editPeer(turn: Turn, node: NodeId, patch: Partial<PeerView>): void {
  const peer = turn.state.peers[node];
  if (peer === undefined) throw new Error(`${node} is no peer of this node`);
  edit(turn, { peers: { ...turn.state.peers, [node]: { ...peer, ...patch } } });
}

/** The peer is to be started anew, and away for so long at most. */
export function countAsAway(turn: Turn, node: NodeId, forUs: DurationUs): void {
  const longestUs = usFromMs(turn.state.settings.longPromiseMsMax);
  editPeer(turn, node, { awayUntilUs: turn.nowUs + Math.min(forUs, longestUs) });
}

export function groupOf(turn: Turn, name: GroupName): GroupRun {
  const run = turn.state.groups[name];
  if (run === undefined) throw new Error(`group ${name} is not known on this node`);
  return run;
}

export function report(turn: Turn, detail: EventDetail): void {
  turn.effects.push({ type: "report", detail });
}

/** The head of the next message; every message gets a number of its own. */
export function nextEnvelope(turn: Turn): Envelope {
  edit(turn, { sequence: turn.state.sequence + 1 });
  const { nodeId, incarnation, sequence, document } = turn.state;
  return { from: nodeId, incarnation, sequence, documentVersion: document.version };
}

export function timingOf(state: NodeState): TimingProfile {
  return profileOf(state.document.timing, state.settings.profiles);
}

export function leaseUsOf(state: NodeState): DurationUs {
  return usFromMs(timingOf(state).leaseMs);
}

/** The other members. */
export function peersOf(state: NodeState): readonly NodeId[] {
  return participantsOf(state.document).filter((nodeId) => nodeId !== state.nodeId);
}

/** The others whom a lease is asked of without need of a witness: the nodes without the learners. */
export function otherNodeVotersOf(state: NodeState): readonly NodeId[] {
  return nodeVotersOf(state.document).filter((voter) => voter !== state.nodeId);
}

export function isMember(state: NodeState): boolean {
  return participantsOf(state.document).includes(state.nodeId);
}

export function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): readonly (readonly [Key, Value])[] {
  return Object.entries(record) as [Key, Value][];
}
