import type { NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { ExchangeEffect } from "./exchange-effects.ts";
import {
  type ExchangeState,
  freshPeer,
  type LinkState,
  type PeerState,
  type ReplicaState,
  type StreamId,
  type StreamState,
} from "./exchange-state.ts";
import { nothingSent } from "./outgoing.ts";

/** One step in the making: the state so far, and the effects so far. Lives no longer than the step. */
export interface Turn {
  readonly nowMs: number;
  state: ExchangeState;
  readonly effects: ExchangeEffect[];
}

export function edit(turn: Turn, patch: Partial<ExchangeState>): void {
  turn.state = { ...turn.state, ...patch };
}

export function editReplica(turn: Turn, dataSet: string, patch: Partial<ReplicaState>): void {
  edit(turn, { replicas: { ...turn.state.replicas, [dataSet]: { ...replicaOf(turn, dataSet), ...patch } } });
}

/** A peer that is not known yet becomes known. */
export function editPeer(turn: Turn, peer: NodeId, patch: Partial<PeerState>): void {
  edit(turn, { peers: { ...turn.state.peers, [peer]: { ...peerOf(turn.state, peer), ...patch } } });
}

export function editLink(turn: Turn, peer: NodeId, dataSet: string, patch: Partial<LinkState>): void {
  const { links } = peerOf(turn.state, peer);
  editPeer(turn, peer, { links: { ...links, [dataSet]: { ...linkOf(turn.state, peer, dataSet), ...patch } } });
}

export function editStream(turn: Turn, peer: NodeId, id: StreamId, patch: Partial<StreamState>): void {
  const { streams } = peerOf(turn.state, peer);
  editPeer(turn, peer, { streams: streams.map((stream) => (stream.id === id ? { ...stream, ...patch } : stream)) });
}

export function replicaOf(turn: Turn, dataSet: string): ReplicaState {
  const replica = turn.state.replicas[dataSet];
  if (replica === undefined) throw new Error(`there is no data set ${dataSet} on this node`);
  return replica;
}

export function peerOf(state: ExchangeState, peer: NodeId): PeerState {
  return state.peers[peer] ?? freshPeer;
}

const freshLink: LinkState = {
  outgoing: nothingSent,
  movedAtMs: null,
  toldOpening: 0,
  dropped: false,
  unheard: null,
  tellsMissed: false,
  alone: null,
};

export function linkOf(state: ExchangeState, peer: NodeId, dataSet: string): LinkState {
  return peerOf(state, peer).links[dataSet] ?? freshLink;
}

/** Undefined once the stream was lost or closed. */
export function streamOf(state: ExchangeState, peer: NodeId, id: StreamId): StreamState | undefined {
  return peerOf(state, peer).streams.find((stream) => stream.id === id);
}

export function dataSetsOf(state: ExchangeState): readonly string[] {
  return Object.keys(state.replicas);
}

export function peersOf(state: ExchangeState): readonly NodeId[] {
  return Object.keys(state.peers) as NodeId[];
}

/** The others of the ring. */
export function membersOf(state: ExchangeState): readonly NodeId[] {
  return state.order.filter((node) => node !== state.self);
}

export function isOpen(state: ExchangeState, peer: NodeId): boolean {
  return peerOf(state, peer).streams.length > 0;
}

/** Changes of others cannot be applied now; they wait with their senders. */
export function isHolding({ view, holdUntilMs }: ReplicaState, nowMs: number): boolean {
  return !view.following || nowMs < holdUntilMs;
}

export function report(turn: Turn, detail: EventDetail): void {
  turn.effects.push({ type: "report", detail });
}

export function noteStatus(turn: Turn): void {
  turn.effects.push({ type: "status-changed" });
}
