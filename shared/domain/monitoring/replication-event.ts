import type { NodeId } from "../ids.ts";
import type { LogUse } from "../replication/log-limits.ts";
import type { Severity } from "./cluster-event.ts";

/** What becomes of data, its copies and the clocks that date it. Times in milliseconds. */
export type ReplicationEventDetail =
  | { readonly kind: "replication.snapshot-started"; readonly dataSet: string; readonly donor: NodeId; readonly bytesTotal: number }
  | {
      readonly kind: "replication.snapshot-finished";
      readonly dataSet: string;
      readonly donor: NodeId;
      readonly rows: number;
      readonly durationMs: number;
    }
  /** The reporter keeps for `node`, which is away, what that one lacks, and has used up so much of what it may keep: of the number of changes, or of their age. */
  | {
      readonly kind: "replication.log-filling";
      readonly dataSet: string;
      readonly node: NodeId;
      readonly usedPercent: number;
      readonly of: LogUse["of"];
    }
  /** This node was away for longer than the others keep their logs: it takes a fresh copy by itself. */
  | { readonly kind: "replication.resync-started"; readonly dataSet: string; readonly reason: string }
  /** `carried`: changes that this node's old data had and the copy lacked. */
  | {
      readonly kind: "replication.resync-finished";
      readonly dataSet: string;
      readonly donor: NodeId;
      readonly rows: number;
      readonly carried: number;
      readonly durationMs: number;
    }
  /** The old data are as they were; it is tried again. Told once for each reason. */
  | { readonly kind: "replication.resync-failed"; readonly dataSet: string; readonly reason: string }
  | {
      readonly kind: "replication.bypass";
      readonly dataSet: string;
      readonly expected: NodeId;
      readonly using: NodeId;
      readonly reason: string;
      /** Why each node before `using`, in ring order from the expected one on, is not used. Missing in what earlier agents have told. */
      readonly passedOver?: readonly PassedOver[];
    }
  | { readonly kind: "replication.failback"; readonly dataSet: string; readonly peer: NodeId }
  | { readonly kind: "replication.no-peer"; readonly dataSet: string; readonly reason: string; readonly passedOver?: readonly PassedOver[] }
  | { readonly kind: "replication.caught-up"; readonly dataSet: string; readonly changes: number; readonly durationMs: number }
  | {
      readonly kind: "replication.merged";
      readonly dataSet: string;
      readonly from: NodeId;
      readonly changes: number;
      readonly conflicts: number;
    }
  /** Rows that are not what `nodes` have in their place, with keys from `from` to `to`: wrong at the reporter, or nobody knows yet where. `repaired`: so many were put right, and are in its conflict journal. */
  | {
      readonly kind: "data.drift";
      readonly dataSet: string;
      readonly table: string;
      readonly from: string;
      readonly to: string;
      readonly rows: number;
      readonly nodes: readonly NodeId[];
      readonly repaired: number;
    }
  /** The reporter's file of the data set lacks changes that it had made itself and that a peer has: it is an older copy, or lost its end with the power. */
  | { readonly kind: "replication.rewound"; readonly dataSet: string; readonly from: NodeId; readonly changes: number }
  | { readonly kind: "replication.conflicts-open"; readonly dataSet: string; readonly open: number }
  /** What people had changed in a tree of files that the reporter follows is moved aside there, and nothing of it lost. `first`: the first of these paths. */
  | { readonly kind: "files.set_aside"; readonly dataSet: string; readonly paths: number; readonly first: readonly string[] }
  | { readonly kind: "replication.refused"; readonly dataSet: string; readonly reason: string }
  /** It follows again. `refusedMs`: for how long it took no part. */
  | { readonly kind: "replication.ready"; readonly dataSet: string; readonly refusedMs: number }
  /** What the reporter shows of the node is older than it may be, though that one runs; and the end of that. */
  | {
      readonly kind: "replication.stale";
      readonly dataSet: string;
      readonly origin: NodeId;
      readonly ageMs: number;
      readonly limitMs: number;
    }
  | { readonly kind: "replication.fresh"; readonly dataSet: string; readonly origin: NodeId; readonly staleMs: number }
  /** The wall clock of `node` differs by more than the limit: from what a majority of the members says, or from that of `than`, and nobody says whose is right. `aheadMs` negative: it is behind. */
  | {
      readonly kind: "clock.skewed";
      readonly node: NodeId;
      readonly than: NodeId | null;
      readonly aheadMs: number;
      readonly uncertaintyMs: number;
      readonly limitMs: number;
    }
  | { readonly kind: "clock.aligned"; readonly node: NodeId; readonly than: NodeId | null; readonly skewedMs: number };

/** A node that was to be synchronised with, and why it is not. */
export interface PassedOver {
  readonly node: NodeId;
  readonly reason: string;
}

export const replicationSeverity: Readonly<Record<ReplicationEventDetail["kind"], Severity>> = {
  "replication.snapshot-started": "info",
  "replication.snapshot-finished": "info",
  "replication.log-filling": "warning",
  "replication.resync-started": "warning",
  "replication.resync-finished": "info",
  "replication.resync-failed": "warning",
  "replication.bypass": "warning",
  "replication.failback": "info",
  "replication.no-peer": "critical",
  "replication.caught-up": "info",
  "replication.merged": "info",
  "data.drift": "warning",
  "replication.rewound": "warning",
  "replication.conflicts-open": "warning",
  "files.set_aside": "warning",
  "replication.refused": "critical",
  "replication.ready": "info",
  "replication.stale": "warning",
  "replication.fresh": "info",
  "clock.skewed": "warning",
  "clock.aligned": "info",
};
