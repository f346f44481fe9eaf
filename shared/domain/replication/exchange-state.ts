import type { NodeId, OriginId, PathName } from "../ids.ts";
import { type ClockState, initialClocks } from "./clock-state.ts";
import type { ShownAsOf, Tick } from "./data-age.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import type { Gap } from "./gap.ts";
import type { OutgoingState } from "./outgoing.ts";
import type { VersionVector } from "./replication-status.ts";

/** Tells the streams of one exchange apart; chosen by the edge, never used twice. */
export type StreamId = number;

/** What the edge saw last of a data set's file. */
export interface ReplicaView {
  /** How people know the file: its path. */
  readonly path: string;
  /** Open, with capture set up: changes are sent and applied. */
  readonly following: boolean;
  /** Names the data set's first initialisation; null while there is no replica. */
  readonly lineage: string | null;
  readonly vector: VersionVector;
  /** What of that no loss of power takes back; of this node's own writes all, since how safe those are is their application's choice. */
  readonly durable: VersionVector;
  /** Under which this node's own writes are counted now. */
  readonly origin: OriginId | null;
  /** How far this file's own earlier numbers were when what followed its seal was given new ones, but for what was written after it may have gone back: up to there it lacks nothing. */
  readonly held: VersionVector;
  /** Its numbers up to here are on the disk for good, and the file says so: a power cut takes none of them back. */
  readonly sealed: number;
  /** What may have left this file's log. */
  readonly pruned: VersionVector;
  /** Of that what every member had when it went. */
  readonly settled: VersionVector;
  /** Fingerprint of the replicated tables; empty before there are any. */
  readonly schema: string;
  /** Number of the newest entry in this file's log. */
  readonly logEnd: number;
  /** Grows with every opening: another file numbers its log in its own way. */
  readonly opening: number;
  /** Conflicts met since the start. */
  readonly conflicts: number;
  /** Those that wait for somebody's decision. */
  readonly openConflicts: number;
  /** What becomes of this node's own writes while its clock is in doubt: they wait here, or go out in the order of the logical clock alone. */
  readonly whenSkewed: "inhibit" | "hlc";
}

/** The earlier one where nothing has changed, so that a look at a file that finds nothing new costs nothing. */
export function sameView(before: ReplicaView | undefined, now: ReplicaView): ReplicaView {
  if (before === undefined) return now;
  return (Object.keys(now) as (keyof ReplicaView)[]).every((field) => before[field] === now[field]) ? before : now;
}

/** What a node says of one data set: acknowledgement, and sign of life. */
export interface Word {
  readonly schema: string;
  readonly lineage: string | null;
  readonly hasDatabase: boolean;
  readonly vector: VersionVector;
  /** Of the sender's own writes only these are safe on its disk; the others must keep later ones, or they are lost with its power. */
  readonly sealed?: { readonly origin: OriginId; readonly seq: number } | undefined;
  /** What may have left the sender's log: nobody can have it from there. */
  readonly pruned?: VersionVector | undefined;
  /** The sender's clock is in doubt: of its own writes it gives no more than these. */
  readonly withheldAfter?: VersionVector | undefined;
  /** Of that what every member had when it went; absent: all of it. The rest went because the log has its limits. */
  readonly settled?: VersionVector | undefined;
  /** What the sender knows of the others. */
  readonly known: Readonly<Record<NodeId, VersionVector>>;
  /** Asks to send again from `vector` on. */
  readonly resend: boolean;
  readonly runningMs: number;
  /** The sender cannot apply now: send nothing until a word without this. */
  readonly holding: boolean;
}

export interface ReplicaState {
  readonly view: ReplicaView;
  /** What the other members were last known to have for good: their own writes as far as they are sealed. */
  readonly known: Readonly<Record<NodeId, VersionVector>>;
  /** What they have last announced to have: all that this node may still get. */
  readonly announced: Readonly<Record<NodeId, VersionVector>>;
  /** Nothing is applied before. */
  readonly holdUntilMs: number;
  /** Whether the peers were told last that this replica cannot apply. */
  readonly toldHolding: boolean;
  /** When every peer is to hear what is here now; null while there is nothing new to tell. */
  readonly tellAtMs: number | null;
  /** When something that did not join on to what is here was asked for last. */
  readonly askedForMissingAtMs: number;
  /** Since when something is lacking here that has left the logs of all that are in touch; null while nothing is. */
  readonly uncoveredSinceMs: number | null;
  /** What this node missed while it had nobody. */
  readonly missed: Gap | null;
  /** What this node had made itself and its file lacks: it has gone back in time, and that was told. */
  readonly rewound: Gap | null;
  /** Open conflicts that have been told of, and when. */
  readonly toldOpen: { readonly open: number; readonly atMs: number };
  readonly sealedAtMs: number;
  /** When something new was seen in the log last. */
  readonly grewAtMs: number;
  readonly prunedAtMs: number;
  /** All up to here has left the log. */
  readonly prunedTo: VersionVector;
  /** The log has been read for somebody since the start. */
  readonly hasBeenRead: boolean;
  /** Own writes after these wait until the clock is right; null: none does. */
  readonly withheldAfter: VersionVector | null;
  /** Moments of peers with which this replica has not caught up yet, the earliest first. */
  readonly ticks: Readonly<Record<NodeId, readonly Tick[]>>;
  /** As of when this node shows each other one, and as of when those show each other. */
  readonly shownAsOf: ShownAsOf;
  readonly othersShowAsOf: Readonly<Record<NodeId, ShownAsOf>>;
  /** Whose writes are shown here later than they should be, since when; told once. */
  readonly stale: Readonly<Record<NodeId, number>>;
}

/** Frames of one data set that a replica must show at once, on their way in by one stream. */
export interface IncomingUnit {
  /** The highest number of each origin among them. */
  readonly brings: VersionVector;
  /** Absent until the last frame is here. */
  readonly applying?: { readonly sinceMs: number; readonly schemaRetries: number; readonly retryAtMs: number | null };
}

export interface StreamState {
  readonly id: StreamId;
  readonly openedBy: "self" | "peer";
  /** By which path this side dialled; null where the other one did, or where there is but one. */
  readonly path: PathName | null;
  /** The peer was started after this node. */
  readonly younger: boolean;
  /** More waits in this process to be sent than may. */
  readonly full: boolean;
  /** The peer's last word on this stream, by data set. */
  readonly words: Readonly<Record<string, Word>>;
  /** The peer's last pulse on this stream, by its clock and by this node's; null before the first. */
  readonly pulse: { readonly sentMs: number; readonly receivedAtMs: number } | null;
  readonly units: Readonly<Record<string, IncomingUnit>>;
}

/** What passes between this node and one peer of one data set. */
export interface LinkState {
  readonly outgoing: OutgoingState;
  /** When changes came last, or nothing was lacking; null before the first look. */
  readonly movedAtMs: number | null;
  /** Which opening of the file the peer was told of: nothing is sent that it could not have expected. */
  readonly toldOpening: number;
  /** Something was dropped, since this replica could not apply: asked for as soon as it can. */
  readonly dropped: boolean;
  /** The peer has said nothing yet since it is here; `wasLost`: this node had lost it before. */
  readonly unheard: { readonly wasLost: boolean } | null;
  /** The peer is one of those whose first word tells what this node missed, and has said none yet. */
  readonly tellsMissed: boolean;
  /** What the peer alone held while it was away, until it is all here. */
  readonly alone: { readonly gap: Gap; readonly conflictsBefore: number } | null;
}

export interface PeerState {
  /** Two nodes that are each other's successor have opened one each. The newest is the last. */
  readonly streams: readonly StreamState[];
  readonly links: Readonly<Record<string, LinkState>>;
  readonly dialing: boolean;
  /** What came of the last attempts to have a stream. */
  readonly attempt: { readonly failures: number; readonly notBeforeMs: number; readonly reason: string } | null;
  readonly wasLost: boolean;
  /** A lock held up what is to be sent. */
  readonly pumpAgain: boolean;
}

export interface ExchangeState {
  readonly self: NodeId;
  readonly settings: ExchangeSettings;
  /** Members in ring order. */
  readonly order: readonly NodeId[];
  readonly startedAtMs: number;
  readonly replicas: Readonly<Record<string, ReplicaState>>;
  readonly peers: Readonly<Record<NodeId, PeerState>>;
  /** Whose heartbeats arrive, and by which paths; null until that is known. */
  readonly heard: Readonly<Record<NodeId, readonly PathName[]>> | null;
  /** With whom this node synchronises. */
  readonly partner: NodeId | null;
  /** The partner of whom an event last told; null until one has. */
  readonly told: NodeId | "nobody" | null;
  /** Since when the present members might all have been here. */
  readonly membersSinceMs: number;
  /** When a member was removed last. */
  readonly removedAtMs: number;
  /** Since when this node has somebody again. */
  readonly companySinceMs: number;
  readonly nextSignMs: number;
  readonly clocks: ClockState;
  /** The instant that was asked for last, at which something is due; null where nothing is. */
  readonly wakeAtMs: number | null;
  /** Numbers the readings of logs, so that an answer to one that was given up is known as such. */
  readonly readings: number;
}

/** The exchange of a node that has just been started. */
export function initialExchange(self: NodeId, order: readonly NodeId[], settings: ExchangeSettings, nowMs: number): ExchangeState {
  return {
    self,
    settings,
    order,
    startedAtMs: nowMs,
    replicas: {},
    peers: {},
    heard: null,
    partner: null,
    told: null,
    membersSinceMs: nowMs,
    removedAtMs: Number.NEGATIVE_INFINITY,
    companySinceMs: Number.NEGATIVE_INFINITY,
    nextSignMs: nowMs + settings.signOfLifeMs,
    clocks: initialClocks(settings.clock.skewMsMax),
    wakeAtMs: null,
    readings: 0,
  };
}

export const freshReplica: Omit<ReplicaState, "view"> = {
  known: {},
  announced: {},
  holdUntilMs: Number.NEGATIVE_INFINITY,
  toldHolding: false,
  tellAtMs: null,
  missed: null,
  rewound: null,
  sealedAtMs: Number.NEGATIVE_INFINITY,
  grewAtMs: Number.NEGATIVE_INFINITY,
  askedForMissingAtMs: Number.NEGATIVE_INFINITY,
  uncoveredSinceMs: null,
  toldOpen: { open: 0, atMs: Number.NEGATIVE_INFINITY },
  prunedAtMs: Number.NEGATIVE_INFINITY,
  prunedTo: {},
  hasBeenRead: false,
  withheldAfter: null,
  ticks: {},
  shownAsOf: {},
  othersShowAsOf: {},
  stale: {},
};

export const freshPeer: PeerState = { streams: [], links: {}, dialing: false, attempt: null, wasLost: false, pumpAgain: false };
