import type { GroupName, NodeId } from "../ids.ts";
import type { MonotonicUs } from "../time.ts";

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
}

/** Which of two nodes may go on without the other's vote. The later number counts; null: neither. */
export interface Sole {
  readonly number: number;
  readonly node: NodeId | null;
}

/**
 * The proof of a clean stop (rule 4): taken with `cleanStopOf` after `released-everything`, and worth something only to
 * the next start within the same boot of the machine, once. The agent deletes it as it reads it.
 */
export interface CleanStop {
  readonly grants: readonly KeptGrant[];
}

/** Instants are on the machine's monotonic clock, which goes on across the agent's restart. */
export interface KeptGrant {
  readonly group: GroupName;
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly untilUs: MonotonicUs;
}
