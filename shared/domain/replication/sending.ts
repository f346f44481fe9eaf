import type { NodeId } from "../ids.ts";
import { isClockKnown } from "./clock-state.ts";
import { isSilent } from "./coverage.ts";
import { settleAges } from "./data-age.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import { freshReplica, type ReplicaView, type Word } from "./exchange-state.ts";
import {
  dataSetsOf,
  edit,
  editLink,
  editPeer,
  editReplica,
  isHolding,
  linkOf,
  noteStatus,
  peerOf,
  peersOf,
  replicaOf,
  type Turn,
} from "./exchange-turn.ts";
import { afterReading, nextReading } from "./outgoing.ts";
import { givenUpTo, withholdWhereDoubted } from "./withholding.ts";

/** Says what this node has, on all streams with the peer. What was dropped while the replica could not apply is asked for with it. */
export function tell(turn: Turn, peer: NodeId, dataSet: string, resend = false): void {
  const replica = replicaOf(turn, dataSet);
  const { view, known } = replica;
  const withheldAfter = givenUpTo(turn.state, replica);
  const holding = isHolding(replica, turn.nowMs);
  const { dropped } = linkOf(turn.state, peer, dataSet);
  const again = (dropped && !holding) || resend;
  editLink(turn, peer, dataSet, { dropped: dropped && holding, toldOpening: view.opening });
  const word: Word = {
    schema: view.schema,
    lineage: view.lineage,
    hasDatabase: view.lineage !== null,
    vector: view.durable,
    ...(view.origin === null ? {} : { sealed: { origin: view.origin, seq: view.sealed } }),
    pruned: view.pruned,
    ...(withheldAfter === null ? {} : { withheldAfter }),
    settled: view.settled,
    known,
    resend: again,
    runningMs: Math.round(turn.nowMs - turn.state.startedAtMs),
    holding,
  };
  for (const { id } of peerOf(turn.state, peer).streams) turn.effects.push({ type: "send-word", stream: id, dataSet, word });
}

export function tellAll(turn: Turn, dataSet: string): void {
  for (const peer of peersOf(turn.state)) tell(turn, peer, dataSet);
}

/** Every peer is to hear soon what is here now; what comes in between goes with it. */
export function tellSoon(turn: Turn, dataSet: string): void {
  if (replicaOf(turn, dataSet).tellAtMs !== null) return;
  editReplica(turn, dataSet, { tellAtMs: turn.nowMs + turn.state.settings.acknowledgeAfterMs });
}

export function tellWhatIsDue(turn: Turn): void {
  for (const dataSet of dataSetsOf(turn.state)) {
    const { tellAtMs } = replicaOf(turn, dataSet);
    if (tellAtMs === null || turn.nowMs < tellAtMs) continue;
    editReplica(turn, dataSet, { tellAtMs: null });
    tellAll(turn, dataSet);
  }
}

/** Every peer learns at once that a replica cannot apply, and that it can again. */
export function tellWhetherHolding(turn: Turn, dataSet: string): void {
  const replica = replicaOf(turn, dataSet);
  const holding = isHolding(replica, turn.nowMs);
  if (holding === replica.toldHolding) return;
  editReplica(turn, dataSet, { toldHolding: holding });
  tellAll(turn, dataSet);
}

/** The file has been looked at: what is new in it goes out, and is told. */
export function noteView(turn: Turn, dataSet: string, view: ReplicaView): void {
  const before = turn.state.replicas[dataSet];
  if (before === undefined) edit(turn, { replicas: { ...turn.state.replicas, [dataSet]: { ...freshReplica, view } } });
  else editReplica(turn, dataSet, before.view.opening === view.opening ? { view } : { view, prunedTo: {} });
  if (before?.view.whenSkewed !== view.whenSkewed) withholdWhereDoubted(turn);
  if (before !== undefined && before.view.durable !== view.durable) {
    tellSoon(turn, dataSet);
    settleAges(turn, dataSet);
  }
  if (before?.view.following === view.following && before.view.logEnd === view.logEnd && before.view.opening === view.opening) return;
  editReplica(turn, dataSet, { grewAtMs: turn.nowMs });
  pumpAll(turn);
  tellSoon(turn, dataSet);
  noteStatus(turn);
}

export function pumpAll(turn: Turn): void {
  for (const peer of peersOf(turn.state)) pump(turn, peer);
}

/** Has what the peer lacks read and sent, on its newest stream, since of that one it is most certain that somebody is at its other end. */
export function pump(turn: Turn, peer: NodeId): void {
  if (peerOf(turn.state, peer).pumpAgain) editPeer(turn, peer, { pumpAgain: false });
  const stream = peerOf(turn.state, peer).streams.at(-1);
  if (stream === undefined) return;
  // By what this node's writes are dated nobody knows yet.
  if (!isClockKnown(turn.state.clocks)) return;
  for (const dataSet of dataSetsOf(turn.state)) {
    const { view } = replicaOf(turn, dataSet);
    if (view.following && linkOf(turn.state, peer, dataSet).toldOpening !== view.opening) tell(turn, peer, dataSet);
    if (stream.full || isSilent(turn, dataSet)) continue;
    const next = nextReading(linkOf(turn.state, peer, dataSet).outgoing, view, turn.state.settings.inFlightBytesMax);
    if (next === undefined) continue;
    const reading = turn.state.readings + 1;
    edit(turn, { readings: reading });
    editLink(turn, peer, dataSet, { outgoing: { ...next.outgoing, reading } });
    const { after, upTo, outgoing } = next;
    editReplica(turn, dataSet, { hasBeenRead: true });
    const upToGiven = givenUpTo(turn.state, replicaOf(turn, dataSet));
    turn.effects.push({ type: "read", peer, dataSet, reading, after, upTo, peerHas: outgoing.sent, givenUpTo: upToGiven });
  }
}

/** What was read goes out, unless sending has started anew in between. */
export function takeReading(turn: Turn, event: Extract<ExchangeEvent, { type: "read" }>): void {
  const { peer, dataSet, reading } = event;
  const stream = peerOf(turn.state, peer).streams.at(-1);
  const { outgoing } = linkOf(turn.state, peer, dataSet);
  if (stream === undefined || outgoing.reading !== reading) return;
  const { schema } = replicaOf(turn, dataSet).view;
  const next = afterReading(outgoing, event);
  editLink(turn, peer, dataSet, { outgoing: next.outgoing });
  if (next.send !== undefined) {
    turn.effects.push({ type: "send-changes", peer, stream: stream.id, dataSet, reading, schema, final: next.send.final });
  }
  pump(turn, peer);
}

export function takeReadFailure(turn: Turn, { peer, dataSet, problem }: Extract<ExchangeEvent, { type: "read-failed" }>): void {
  const { outgoing } = linkOf(turn.state, peer, dataSet);
  editLink(turn, peer, dataSet, { outgoing: { ...outgoing, reading: null } });
  if (problem.kind === "locked") return editPeer(turn, peer, { pumpAgain: true });
  if (problem.kind === "other") return;
  const reason = `a change is too large to send (${problem.reason}): store large contents as files, or split the row`;
  turn.effects.push({ type: "refuse", dataSet, reason });
}
