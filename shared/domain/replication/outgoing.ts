import type { ReplicaView, Word } from "./exchange-state.ts";
import type { VersionVector } from "./replication-status.ts";
import { covers, joined } from "./version-vector.ts";

/** What is sent to one peer of one data set: everything that it lacks, in the order of this node's log, a bounded amount ahead of its acknowledgements. */
export interface OutgoingState {
  /** The peer's last word on its newest stream; null until there is one. */
  readonly word: Word | null;
  /** What the peer will have once it has applied all that was sent. */
  readonly sent: VersionVector;
  /** The log was read up to here. */
  readonly cursor: number;
  /** Where the unit under way ends: all up to it is shown at once. At its first reading the log's end, to which it may go. */
  readonly unitEnd: number;
  readonly unitOpen: boolean;
  /** Frames on their way: acknowledged when the peer's vector covers `upTo`. */
  readonly inFlight: readonly { readonly upTo: VersionVector; readonly bytes: number }[];
  /** Which opening of the file the cursor belongs to. */
  readonly opening: number;
  /** The reading of the log that is under way. */
  readonly reading: number | null;
}

/** Before the peer has spoken, and again once its newest stream is gone: sending starts from its next word. */
export const nothingSent: OutgoingState = {
  word: null,
  sent: {},
  cursor: 0,
  unitEnd: 0,
  unitOpen: false,
  inFlight: [],
  opening: 0,
  reading: null,
};

/** The peer has said what it has. Where it went back, or asks for it, sending starts anew from there. */
export function afterWord(before: OutgoingState, word: Word, opening: number): OutgoingState {
  const goesOn = before.word !== null && before.word.lineage === word.lineage && covers(word.vector, before.word.vector) && !word.resend;
  const next = goesOn ? { ...before, word, sent: joined(before.sent, word.vector) } : startedFrom(word, opening);
  return { ...next, inFlight: next.inFlight.filter(({ upTo }) => !covers(word.vector, upTo)) };
}

/** The peer has what it sends itself: nothing of it goes back. */
export function withoutEcho(outgoing: OutgoingState, brings: VersionVector): OutgoingState {
  return { ...outgoing, sent: joined(outgoing.sent, brings) };
}

/** What to read of the log next, if the peer may get something now. */
export interface NextReading {
  readonly outgoing: OutgoingState;
  readonly after: number;
  readonly upTo: number;
}

/** Undefined where nothing may be sent, or nothing is left. */
export function nextReading(before: OutgoingState, view: ReplicaView, inFlightBytesMax: number): NextReading | undefined {
  const { word } = before;
  if (before.reading !== null || !view.following) return undefined;
  if (word === null || word.holding || word.lineage === null || word.lineage !== view.lineage) return undefined;
  const outgoing = before.opening === view.opening ? before : startedFrom(word, view.opening);
  // A unit once begun is finished whatever the window says: the peer can acknowledge nothing before.
  if (!outgoing.unitOpen && bytesInFlight(outgoing) >= inFlightBytesMax) return undefined;
  const after = outgoing.cursor;
  if (outgoing.unitOpen || after < outgoing.unitEnd) return { outgoing, after, upTo: outgoing.unitEnd };
  if (after >= view.logEnd) return undefined;
  return { outgoing: { ...outgoing, unitEnd: view.logEnd }, after, upTo: view.logEnd };
}

/** What a reading has found is about to be sent; `final` where it ends its unit. Undefined where there is nothing to send of it. */
export function afterReading(
  before: OutgoingState,
  {
    upTo,
    unitEnd,
    brings,
    bytes,
  }: { readonly upTo: number; readonly unitEnd: number; readonly brings: VersionVector; readonly bytes: number },
): { readonly outgoing: OutgoingState; readonly send: { readonly final: boolean } | undefined } {
  const read = { ...before, cursor: upTo, unitEnd, reading: null };
  const final = upTo >= unitEnd;
  if (bytes === 0 && !before.unitOpen) return { outgoing: read, send: undefined };
  const sent = joined(before.sent, brings);
  return { outgoing: { ...read, sent, unitOpen: !final, inFlight: [...before.inFlight, { upTo: sent, bytes }] }, send: { final } };
}

/** Sending begins again from what the peer said last. */
export function startedAnew({ word, inFlight }: OutgoingState, opening: number): OutgoingState {
  return word === null ? nothingSent : { ...startedFrom(word, opening), inFlight };
}

function bytesInFlight({ inFlight }: OutgoingState): number {
  return inFlight.reduce((sum, { bytes }) => sum + bytes, 0);
}

function startedFrom(word: Word, opening: number): OutgoingState {
  return { ...nothingSent, word, sent: word.vector, opening };
}
