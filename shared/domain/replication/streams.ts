import type { NodeId } from "../ids.ts";
import { sendPulse } from "./clock-course.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import { awaitWord, meet } from "./exchange-news.ts";
import type { StreamId } from "./exchange-state.ts";
import { dataSetsOf, edit, editLink, editPeer, isOpen, peerOf, peersOf, streamOf, type Turn } from "./exchange-turn.ts";
import { nothingSent } from "./outgoing.ts";
import { pump, tell } from "./sending.ts";
import { heed } from "./words.ts";

/**
 * A stream stands. Either side opens another one only when it has lost the one before, whatever this side's socket believes of that: so one
 * that was opened by the same side is closed.
 */
export function takeStream(turn: Turn, { peer, stream: id, openedBy, path }: Extract<ExchangeEvent, { type: "opened" }>): void {
  if (!turn.state.order.includes(peer)) {
    turn.effects.push({ type: "close", stream: id, reason: "it is no longer in the cluster document" });
    return;
  }
  const { streams, wasLost } = peerOf(turn.state, peer);
  const replaced = streams.filter((stream) => stream.openedBy === openedBy);
  if (streams.length === 0) {
    const isFirst = !peersOf(turn.state).some((one) => isOpen(turn.state, one));
    meet(turn, peer, isFirst);
  }
  if (streams.length === 0 || replaced.length > 0) awaitWord(turn, peer, wasLost || replaced.length > 0);
  const stays = streams.filter((stream) => stream.openedBy !== openedBy);
  const opened = { id, openedBy, path, younger: false, full: false, words: {}, pulse: null, units: {} };
  editPeer(turn, peer, {
    streams: [...stays, opened],
    attempt: null,
    dialing: openedBy === "self" ? false : peerOf(turn.state, peer).dialing,
    wasLost: false,
  });
  for (const old of replaced) {
    turn.effects.push({ type: "discard", stream: old.id, dataSet: null });
    turn.effects.push({ type: "close", stream: old.id, reason: "it was replaced by a newer stream" });
  }
  // Before anything else: whoever is sent changes can date its own by then.
  sendPulse(turn, peer, id);
  startOver(turn, peer);
  for (const dataSet of dataSetsOf(turn.state)) tell(turn, peer, dataSet);
}

export function takeLoss(turn: Turn, { peer, stream, reason }: Extract<ExchangeEvent, { type: "lost" }>): void {
  drop(turn, peer, stream, reason);
}

/** Closes all streams with a peer that is gone: what it comes back with is what it alone held. */
export function closeAll(turn: Turn, peer: NodeId, reason: string): void {
  for (const { id } of peerOf(turn.state, peer).streams) close(turn, peer, id, reason);
}

export function close(turn: Turn, peer: NodeId, id: StreamId, reason: string): void {
  turn.effects.push({ type: "close", stream: id, reason });
  drop(turn, peer, id, reason);
}

/** The stream is no more. Where it was the last one, the peer is; where it was the newest, sending starts from the peer's last word on the one that is now. */
export function drop(turn: Turn, peer: NodeId, id: StreamId, reason: string): void {
  if (streamOf(turn.state, peer, id) === undefined) return;
  const { streams } = peerOf(turn.state, peer);
  const left = streams.filter((stream) => stream.id !== id);
  turn.effects.push({ type: "discard", stream: id, dataSet: null });
  editPeer(turn, peer, { streams: left });
  if (streams.at(-1)?.id === id) startOver(turn, peer);
  if (left.length > 0) return;
  editPeer(turn, peer, { wasLost: true });
  noteFailure(turn, peer, reason);
}

/** Nobody is dialled again at once: the wait doubles with every failure. */
export function noteFailure(turn: Turn, peer: NodeId, reason: string): void {
  const { first, max } = turn.state.settings.redialMs;
  const failures = (peerOf(turn.state, peer).attempt?.failures ?? 0) + 1;
  const waitMs = Math.min(first * 2 ** (failures - 1), max);
  editPeer(turn, peer, { attempt: { failures, notBeforeMs: turn.nowMs + waitMs, reason } });
}

/** A peer that left the cluster document is forgotten with all that passed between it and this node. */
export function forget(turn: Turn, peer: NodeId, reason: string): void {
  for (const { id } of peerOf(turn.state, peer).streams) {
    turn.effects.push({ type: "discard", stream: id, dataSet: null });
    turn.effects.push({ type: "close", stream: id, reason });
  }
  const { [peer]: _gone, ...others } = turn.state.peers;
  edit(turn, { peers: others });
}

/** What the stream before carried may be lost. */
function startOver(turn: Turn, peer: NodeId): void {
  for (const dataSet of Object.keys(peerOf(turn.state, peer).links)) editLink(turn, peer, dataSet, { outgoing: nothingSent });
  for (const [dataSet, word] of Object.entries(peerOf(turn.state, peer).streams.at(-1)?.words ?? {})) {
    if (turn.state.replicas[dataSet] !== undefined) heed(turn, peer, dataSet, word);
  }
  pump(turn, peer);
}
