import type { NodeId } from "../ids.ts";
import { settleAges } from "./data-age.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import { hearMissed, hearReturned, hearRewound, settleNews } from "./exchange-news.ts";
import type { ExchangeState, ReplicaView, StreamId, Word } from "./exchange-state.ts";
import { editLink, editReplica, editStream, isOpen, linkOf, noteStatus, peersOf, replicaOf, streamOf, type Turn } from "./exchange-turn.ts";
import { isRewound } from "./origin.ts";
import { afterWord } from "./outgoing.ts";
import type { VersionVector } from "./replication-status.ts";
import { pump, pumpAll } from "./sending.ts";
import { joined, seqIn } from "./version-vector.ts";
import { givenOf, isLevelWith } from "./withholding.ts";

/** The peer says what it has: its acknowledgement, and whether this file is still one that can go on with it. */
export function takeWord(turn: Turn, { peer, stream: id, dataSet, word }: Extract<ExchangeEvent, { type: "word" }>): void {
  const stream = streamOf(turn.state, peer, id);
  // The peer may have a newer document than this node: what is not known here is passed over, not punished.
  if (stream === undefined || turn.state.replicas[dataSet] === undefined) return;
  const reason = refusalOf(replicaOf(turn, dataSet).view, dataSet, peer, word);
  if (reason !== undefined) {
    turn.effects.push({ type: "refuse", dataSet, reason });
    return;
  }
  const { view } = replicaOf(turn, dataSet);
  if (isRewound(view, word.vector)) turn.effects.push({ type: "begin-incarnation", dataSet, origin: view.origin });
  editStream(turn, peer, id, {
    words: { ...stream.words, [dataSet]: word },
    younger: word.runningMs < turn.nowMs - turn.state.startedAtMs,
  });
  hear(turn, peer, id, dataSet);
  if (isNewest(turn.state, peer, id)) heed(turn, peer, dataSet, word);
  pump(turn, peer);
  moved(turn, dataSet);
}

/** The link goes by this word from now on: what the peer has, and what it knows of the others. */
export function heed(turn: Turn, peer: NodeId, dataSet: string, word: Word): void {
  const { view, ...before } = replicaOf(turn, dataSet);
  const known: Record<NodeId, VersionVector> = { ...before.known, [peer]: keptBy(word) };
  const announced: Record<NodeId, VersionVector> = { ...before.announced, [peer]: word.vector };
  for (const [node, vector] of Object.entries(word.known) as [NodeId, VersionVector][]) {
    if (node === turn.state.self || node === peer) continue;
    known[node] = joined(known[node] ?? {}, vector);
    announced[node] = joined(announced[node] ?? {}, vector);
  }
  editReplica(turn, dataSet, { known, announced });
  editLink(turn, peer, dataSet, { outgoing: afterWord(linkOf(turn.state, peer, dataSet).outgoing, word, view.opening) });
}

/** What the sender has even if its power goes now: what it took of others, and its own writes as far as they are sealed. */
function keptBy({ vector, sealed }: Word): VersionVector {
  return sealed === undefined ? vector : { ...vector, [sealed.origin]: Math.min(seqIn(vector, sealed.origin), sealed.seq) };
}

/** Before anything is applied: what the peer has counts from the moment at which both replicas are open. */
export function hear(turn: Turn, peer: NodeId, id: StreamId, dataSet: string): void {
  const stream = streamOf(turn.state, peer, id);
  const word = stream?.words[dataSet];
  if (stream === undefined || word === undefined || word.lineage === null || !replicaOf(turn, dataSet).view.following) return;
  hearRewound(turn, peer, dataSet, word.vector);
  // What it keeps back for its clock's sake nobody has missed, and it is told when that begins and ends.
  const given = givenOf(peer, word.vector, word.withheldAfter);
  hearReturned(turn, peer, dataSet, given, stream.younger);
  hearMissed(turn, peer, dataSet, given);
}

/** A replica, or what is known of a peer's, has got further. */
export function moved(turn: Turn, dataSet: string): void {
  pumpAll(turn);
  settleNews(turn, dataSet);
  settleAges(turn, dataSet);
  noteStatus(turn);
}

/** Neither side of any data set lacks anything: moving to this peer costs no gap. */
export function isPeerLevel(state: ExchangeState, peer: NodeId): boolean {
  return (
    isOpen(state, peer) &&
    Object.entries(state.replicas).every(([dataSet, { view }]) => !view.following || isLevelWith(state, peer, dataSet))
  );
}

function isNewest(state: ExchangeState, peer: NodeId, id: StreamId): boolean {
  return peersOf(state).includes(peer) && state.peers[peer]?.streams.at(-1)?.id === id;
}

function refusalOf(view: ReplicaView, dataSet: string, peer: NodeId, word: Word): string | undefined {
  if (word.lineage !== null && view.lineage !== null && word.lineage !== view.lineage) {
    return `this node and ${peer} each started data set ${dataSet} from a database of their own: decide which one counts, move the other node's file away, and it takes a copy`;
  }
  return undefined;
}
