import type { GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../shared/domain/replication/ring-report.ts";
import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import type { CompareSettings } from "../compare/compare-settings.ts";
import type { DriftRequest } from "../compare/drift-request.ts";
import type { FilesRequest } from "../files/files-request.ts";
import type { NodeIdentity } from "../link/identity.ts";
import type { RecordRequest } from "../records/record-request.ts";
import type { ConflictRequest } from "./conflict-record.ts";
import type { DataRequest } from "./data-request.ts";
import type { LogSettings } from "./log-limits.ts";

/** What the replication thread is given at its start. */
export interface ReplicationSettings extends LogSettings {
  readonly nodeId: NodeId;
  /** In the order of their use (link/own-certificates.ts). */
  readonly identities: readonly NodeIdentity[];
  /** Port 0 lets the system choose; the peers need the one that the cluster document names. */
  readonly listen: { readonly paths: readonly LanPath[]; readonly port: number };
  /** Spool files: snapshots under way. */
  readonly dataDir: string;
  /** This node's own settings: where each data set of the document has its file. */
  readonly dataSets: Readonly<Record<string, { readonly path: string }>>;
  readonly document: ClusterDocument;
  /** What this node may send of snapshots, to all joiners together; without a bound where it is left out. */
  readonly snapshotMegabitsPerSecondMax?: number | undefined;
  /** Left out: as `compareDefaults`. */
  readonly compare?: CompareSettings | undefined;
}

/** Digest per table, over all rows in key order. Two replicas are equal when these are. */
export type TableDigests = Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;

/** A peer that heartbeats reach now, and the paths on which they do. */
export interface ReachablePeer {
  readonly nodeId: NodeId;
  readonly paths: readonly PathName[];
}

/** A group that this node holds, and the number under which it does. */
export interface Holding {
  readonly group: GroupName;
  readonly epoch: number;
}

export type ToThread =
  | { readonly type: "identities-changed"; readonly identities: readonly NodeIdentity[] }
  | { readonly type: "document-changed"; readonly document: ClusterDocument }
  | { readonly type: "reachable-changed"; readonly reachable: readonly ReachablePeer[] }
  | { readonly type: "holdings-changed"; readonly holdings: readonly Holding[] }
  | { readonly type: "became-operational"; readonly callId: number; readonly holding: Holding }
  | { readonly type: "flush"; readonly callId: number }
  | { readonly type: "digest"; readonly callId: number; readonly dataSet: string }
  | { readonly type: "files"; readonly callId: number; readonly request: FilesRequest }
  | { readonly type: "conflicts"; readonly callId: number; readonly request: ConflictRequest }
  | { readonly type: "data"; readonly callId: number; readonly request: DataRequest }
  | { readonly type: "drift"; readonly callId: number; readonly request: DriftRequest }
  | { readonly type: "records"; readonly callId: number; readonly request: RecordRequest }
  /** Of a record, to the node that is its data set's writer. */
  | { readonly type: "forward"; readonly callId: number; readonly to: NodeId; readonly write: ForwardedWrite }
  /** To what the thread has passed on; `null`: the agent is not ready for it. */
  | { readonly type: "carried-out"; readonly workId: number; readonly answer: WriteAnswer | null }
  | { readonly type: "barrier"; readonly callId: number; readonly dataSet: string; readonly timeoutMs: number }
  | { readonly type: "release-withheld"; readonly callId: number }
  | { readonly type: "stop" };

export type FromThread =
  | { readonly type: "listening"; readonly port: number }
  /** The thread cannot start; it ends after this. */
  | { readonly type: "start-refused"; readonly reason: string }
  | { readonly type: "status"; readonly status: readonly DataSetStatus[]; readonly ring: RingReport | null }
  /** For the log: somebody was turned away, or something odd was survived. */
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "event"; readonly detail: EventDetail }
  /** Another node has passed a write on: only the main thread knows whether this node may make it. */
  | { readonly type: "carry-out"; readonly workId: number; readonly write: ForwardedWrite }
  | { readonly type: "answer"; readonly callId: number; readonly result?: unknown; readonly problem?: string };
