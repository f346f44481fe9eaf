import type { GroupName, NodeId } from "../ids.ts";
import type { DurationUs, MonotonicUs } from "../time.ts";
import type { LongPromise, Round } from "./node-state.ts";

/** What a node must know again after a crash. Everything else about leases runs out by itself. */
export interface DurableRecord {
  /**
   * At start the agent takes the stored one plus one, stores it, and only then starts the core. The core raises it
   * where its peers have seen a higher one (rule 9).
   */
  readonly incarnation: number;
  /**
   * By group: this node has promised, and asked for, no epoch above this. Reserved a few ahead, so that no grant
   * ever waits for a disk; a restart begins above what was reserved, and so epochs never go back (S4).
   */
  readonly epochCeilings: Readonly<Record<GroupName, number>>;
  /** By group: the newest note of who may go on alone (sole.ts). */
  readonly soles: Readonly<Record<GroupName, Sole>>;
  /** Promises for longer than a fresh voter's silence: on disk before they are made, and kept for their whole length from any start (rule 10). */
  readonly longPromises: Readonly<Record<GroupName, LongPromiseRecord>>;
}

/** Which of two nodes may go on without the other's vote. The later number counts; null: neither. */
export interface Sole {
  readonly number: number;
  readonly node: NodeId | null;
}

export interface LongPromiseRecord {
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly forUs: DurationUs;
  readonly documentVersion: number;
}

/**
 * The proof of a clean stop (rule 4): taken with `cleanStopOf` after `released-everything`, and worth something only to
 * the next start within the same boot of the machine, once. The agent deletes it as it reads it.
 */
export interface CleanStop {
  readonly grants: readonly KeptGrant[];
}

/**
 * What an agent leaves that is only to be started anew while its resources run on (rule 10): the next one goes on as the same incarnation
 * where it left off. Worth something only within the same boot of the machine, once, and as long as the guardian still keeps the resources.
 */
export interface Detached extends CleanStop {
  readonly incarnation: number;
  readonly sequence: number;
  readonly requestId: number;
  readonly readmissions: number;
  readonly documentVersion: number;
  readonly votersSinceVersion: number;
  readonly earlierLeaseMs: number;
  readonly votersSettleAtUs: MonotonicUs;
  /** The first of its leases ends then; where it holds none, its peers wait no longer. */
  readonly untilUs: MonotonicUs;
  readonly held: readonly HeldGroup[];
}

export interface HeldGroup {
  readonly group: GroupName;
  readonly epoch: number;
  readonly ballot: number;
  readonly epochSeen: number;
  readonly leaseEndUs: MonotonicUs;
  readonly long: Readonly<Record<NodeId, Round>>;
}

/** Instants are on the machine's monotonic clock, which goes on across the agent's restart. */
export interface KeptGrant {
  readonly group: GroupName;
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly untilUs: MonotonicUs;
  readonly long: LongPromise | null;
  readonly longVoidUpTo: number;
}
