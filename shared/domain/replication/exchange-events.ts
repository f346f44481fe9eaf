import type { NodeId, PathName } from "../ids.ts";
import type { ReplicaView, StreamId, Word } from "./exchange-state.ts";
import type { Pulse } from "./pulse.ts";
import type { VersionVector } from "./replication-status.ts";

/** What became of a whole unit: all or nothing of it is in the file. */
export type ApplyOutcome =
  /** On disk, be it that all was known already. */
  | { readonly kind: "applied" }
  /** It does not join on to what is here. */
  | { readonly kind: "missing" }
  | { readonly kind: "locked" }
  /** The application has changed its tables meanwhile; they have been looked at again. */
  | { readonly kind: "schema-moved" }
  /** It contradicts itself: no replica will ever take it. */
  | { readonly kind: "broken"; readonly reason: string }
  /** Something else stands in the way, as a full disk. */
  | { readonly kind: "failed" };

/** Everything that can reach the exchange. Time is not among them: `step` is told the instant of every event. */
export type ExchangeEvent =
  /** The instant that the last `wake-at` asked for has come, or any other. `silentMs`: for how long nothing was heard, by stream. `wallMs`: this node's wall clock now, since 1970. */
  | { readonly type: "tick"; readonly silentMs: Readonly<Record<StreamId, number>>; readonly wallMs: number }
  /** The edge has looked at a data set's file. Null: the data set is no longer one of this node's. */
  | { readonly type: "replica"; readonly dataSet: string; readonly view: ReplicaView | null }
  /** `skewMsMax`: the narrowest limit that a data set declares for how far clocks may differ; absent: as the settings say. */
  | { readonly type: "document"; readonly order: readonly NodeId[]; readonly skewMsMax?: number | undefined }
  /** Whose heartbeats arrive now, and by which paths. */
  | { readonly type: "heard"; readonly peers: Readonly<Record<NodeId, readonly PathName[]>> }
  /** A stream stands; both sides have proved who they are. Streams that a peer opened may come at any time. */
  | {
      readonly type: "opened";
      readonly peer: NodeId;
      readonly stream: StreamId;
      readonly openedBy: "self" | "peer";
      readonly path: PathName | null;
    }
  | { readonly type: "dial-failed"; readonly peer: NodeId; readonly reason: string }
  | { readonly type: "lost"; readonly peer: NodeId; readonly stream: StreamId; readonly reason: string }
  /** More waits in this process to be sent than may, or that is over. */
  | { readonly type: "backlog"; readonly peer: NodeId; readonly stream: StreamId; readonly full: boolean }
  | { readonly type: "word"; readonly peer: NodeId; readonly stream: StreamId; readonly dataSet: string; readonly word: Word }
  /** `wallMs`: the peer's wall clock when it sent this. */
  | { readonly type: "pulse"; readonly peer: NodeId; readonly stream: StreamId; readonly wallMs: number; readonly pulse: Pulse }
  /** An operator lets this node's writes go out although its clock is in doubt. */
  | { readonly type: "release-withheld" }
  /** A frame of changes. `brings`: the highest number of each origin in it. `final` ends a unit. Answered by `read-on`, now or later. */
  | {
      readonly type: "changes";
      readonly peer: NodeId;
      readonly stream: StreamId;
      readonly dataSet: string;
      readonly brings: VersionVector;
      readonly final: boolean;
    }
  /** Answers `apply`; or, with `failed`, a `keep` that did not succeed. */
  | {
      readonly type: "applied";
      readonly peer: NodeId;
      readonly stream: StreamId;
      readonly dataSet: string;
      readonly outcome: ApplyOutcome;
      /** The file as it is after that. */
      readonly view: ReplicaView;
    }
  /** Answers `read`. `upTo`: the log was looked through to there; `unitEnd`: where the unit ends that this is of; `brings`: the highest number of each origin found. */
  | {
      readonly type: "read";
      readonly peer: NodeId;
      readonly dataSet: string;
      readonly reading: number;
      readonly upTo: number;
      readonly unitEnd: number;
      readonly brings: VersionVector;
      readonly bytes: number;
    }
  /** `read`, or the sending of what was read, did not succeed. */
  | { readonly type: "read-failed"; readonly peer: NodeId; readonly dataSet: string; readonly problem: ReadProblem }
  /** Answers `prune`, with the number of entries that went: where that is none, nothing is left to go. */
  | { readonly type: "pruned"; readonly dataSet: string; readonly stable: VersionVector; readonly entries: number }
  /** This node is stopping: every stream is closed. */
  | { readonly type: "stop" };

/** `other` has been dealt with at the edge: the replica says what is wrong with its file. */
export type ReadProblem =
  | { readonly kind: "locked" }
  | { readonly kind: "too-large"; readonly reason: string }
  | { readonly kind: "other" };
