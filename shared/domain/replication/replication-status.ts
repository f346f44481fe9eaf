import type { NodeId, OriginId } from "../ids.ts";

/** How far a replica has each origin: the highest sequence number applied, per origin. */
export type VersionVector = Readonly<Record<OriginId, number>>;

/** What a node says of one data set: in its heartbeats (peers judge readiness by it) and in its reports to the cloud. */
export interface DataSetStatus {
  readonly name: string;
  readonly phase: "waiting-for-database" | "receiving-snapshot" | "following" | "refused";
  readonly vector: VersionVector;
  /** While receiving a snapshot. */
  readonly progress?: SnapshotProgress;
  /** The live ring successor that this node synchronises with; absent while there is none. */
  readonly syncingWith?: SyncPartner;
  /** Changes captured here that no other node has acknowledged yet, and the age of the oldest. */
  readonly unacknowledged: { readonly changes: number; readonly oldestAgeMs: number };
  /** Changes that a peer is known to have and this node has not applied yet. */
  readonly behind: number;
  /** Conflicts that somebody is to decide about; absent where there are none. */
  readonly openConflicts?: number;
  /** Own changes that wait here since this node's clock is in doubt; absent where none does. */
  readonly withheld?: number;
  /** What stands in the way, and what to do about it. */
  readonly problem?: string;
}

export interface SyncPartner {
  readonly nodeId: NodeId;
  /** False while the expected successor is bypassed. */
  readonly expected: boolean;
}

export interface SnapshotProgress {
  /** Who has all of it; others that are receiving it may give of it too. */
  readonly donor: NodeId;
  /** Chunks are coming; or all of them have come, and are being checked and put in place. */
  readonly step: "copying" | "checking";
  /** Nodes that give now. */
  readonly sources: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly etaSeconds: number;
}
