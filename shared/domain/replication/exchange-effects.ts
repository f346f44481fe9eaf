import type { NodeId, OriginId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { StreamId, Word } from "./exchange-state.ts";
import type { Pulse } from "./pulse.ts";
import type { VersionVector } from "./replication-status.ts";

/** What the exchange wants done. The edge carries effects out in order, and says nothing back except by events. */
export type ExchangeEffect =
  /** Answered by `opened` or `dial-failed`. */
  | { readonly type: "dial"; readonly peer: NodeId }
  /** The exchange has forgotten this stream already: nothing that comes of it is heard any more. */
  | { readonly type: "close"; readonly stream: StreamId; readonly reason: string }
  /** As `close`, and the other side is told why first. */
  | { readonly type: "turn-away"; readonly stream: StreamId; readonly reason: string }
  | { readonly type: "send-word"; readonly stream: StreamId; readonly dataSet: string; readonly word: Word }
  /** With this node's wall clock as it goes out. */
  | { readonly type: "send-pulse"; readonly stream: StreamId; readonly pulse: Pulse }
  /** Read what a peer that has `peerHas` lacks from the log's entries after `after` and up to `upTo`, about one frame full, and of one unit. `givenUpTo`: of what this node made itself no more than that; null: all. Answered by `read` or `read-failed`. */
  | {
      readonly type: "read";
      readonly peer: NodeId;
      readonly dataSet: string;
      readonly reading: number;
      readonly after: number;
      readonly upTo: number;
      readonly peerHas: VersionVector;
      readonly givenUpTo: VersionVector | null;
    }
  /** Send what this reading found. `final`: the peer may show all since the last final frame. */
  | {
      readonly type: "send-changes";
      readonly peer: NodeId;
      readonly stream: StreamId;
      readonly dataSet: string;
      readonly reading: number;
      readonly schema: string;
      readonly final: boolean;
    }
  /** Keep the stream's present frame until its unit is whole. */
  | { readonly type: "keep"; readonly stream: StreamId; readonly dataSet: string }
  /** Apply all frames kept of this stream and data set in one transaction. Answered by `applied`. */
  | { readonly type: "apply"; readonly stream: StreamId; readonly dataSet: string }
  /** Forget the frames kept; null: those of all data sets. */
  | { readonly type: "discard"; readonly stream: StreamId; readonly dataSet: string | null }
  /** The stream's next frame may come. */
  | { readonly type: "read-on"; readonly stream: StreamId }
  /** What stood in the way of this stream's unit lasts: it is told, and nothing is applied until then. */
  | { readonly type: "hold"; readonly stream: StreamId; readonly dataSet: string; readonly untilMs: number }
  /** The data set takes no part any more until its file is another one. */
  | { readonly type: "refuse"; readonly dataSet: string; readonly reason: string }
  /** Write down, synced, that this node's own writes up to now are on its disk. Not at all where the file is locked: asked for again. */
  | { readonly type: "seal"; readonly dataSet: string }
  /** The file has gone back in time: what this node writes from now on counts under a new incarnation, and so does what it wrote since `sealed`. */
  | { readonly type: "begin-incarnation"; readonly dataSet: string; readonly origin: OriginId }
  /** Answered by `pruned`, or not at all where the file is locked. */
  | { readonly type: "prune"; readonly dataSet: string; readonly stable: VersionVector }
  /** Entries up to here may leave the log although these members lack some of them, where they are beyond the log's limits. */
  | { readonly type: "let-go"; readonly dataSet: string; readonly spare: VersionVector; readonly lacking: readonly NodeId[] }
  /** Take a fresh copy of one of these peers; what this file has and the copy lacks is carried over. Asked for again where it fails. */
  | { readonly type: "resync"; readonly dataSet: string; readonly donors: readonly NodeId[] }
  | { readonly type: "report"; readonly detail: EventDetail }
  /** For the log. */
  | { readonly type: "warn"; readonly message: string }
  | { readonly type: "status-changed" }
  | { readonly type: "wake-at"; readonly atMs: number };

/** What is to be read of a log, and for whom. */
export type Wanted = Pick<Extract<ExchangeEffect, { type: "read" }>, "after" | "upTo" | "peerHas" | "givenUpTo">;
