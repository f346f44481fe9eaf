import type { GroupName, NodeId } from "../ids.ts";
import type { DataSetStatus } from "../replication/replication-status.ts";
import type { DurationUs } from "../time.ts";
import type { Sole } from "./durable-record.ts";

/**
 * What the agents of a cluster say to each other. Every message names its sender, the sender's incarnation and the
 * version of the cluster document it acts on; the network may lose, delay, repeat and reorder any of them (rule 7).
 */
export interface Envelope {
  readonly from: NodeId;
  /** Grows with every start of the agent, and is durable: tells a restarted node from a slow message. */
  readonly incarnation: number;
  /** Grows with every message of this incarnation. */
  readonly sequence: number;
  readonly documentVersion: number;
}

export type PeerMessage = Heartbeat | LeaseRequest | LeaseGrant | LeaseRefusal | LeaseRelease | LongRequest | LongGrant | Away;

/** The whole lease state of the sender: one heartbeat repairs the loss of any number of other messages. */
export interface Heartbeat extends Envelope {
  readonly type: "heartbeat";
  readonly groups: readonly GroupState[];
  /** What the sender, as a voter, has promised. */
  readonly grants: readonly GrantState[];
  /** The sender's view of each other node that it has heard since its own start. */
  readonly lastHeard: readonly LastHeard[];
  /** For how much longer the sender is in quarantine; 0: it is not. */
  readonly quarantineUs: DurationUs;
  /** How often in this run an operator has ended the sender's quarantine: leaves before that are forgotten. */
  readonly readmissions: number;
  readonly status: NodeStatus;
}

export interface LastHeard extends Seen {
  readonly node: NodeId;
  /** For how long the sender has not heard it. */
  readonly ageUs: DurationUs;
  /** For how much longer the sender holds it in quarantine; 0: it does not. */
  readonly quarantineUs: DurationUs;
  /** The `readmissions` that it has told: what the sender holds of it is of the time after them. */
  readonly readmissions: number;
}

/**
 * Newest incarnation and sequence that the sender has had from the receiver, null where it has had none: by them a node
 * learns that it has gone back in time, before it believes a grant or gives one (rule 9).
 */
export interface Seen {
  readonly incarnation: number;
  readonly sequence: number;
}

export interface GroupState {
  readonly group: GroupName;
  readonly state: string;
  /** Of the sender's own tenure, else of the last one that it knows of. */
  readonly epoch: number;
  /** The highest number that anybody is known to have asked under: the next candidate goes above it. */
  readonly highestAsked: number;
  readonly holder: NodeId | null;
  /** Null where the sender may become operational, else why not. */
  readonly ineligible: string | null;
  /** The newest lease that the sender has given back of its own accord; repairs a lost `lease-release`. */
  readonly released: ReleasedLease | null;
  /** The group's latest moves from node to node that the sender knows of (flap-guard.ts), */
  readonly moves: readonly { readonly epoch: number; readonly ageUs: DurationUs }[];
  /** of which those up to this epoch do not count: an operator has moved the group since. */
  readonly movesForgiven: number;
  /** Who may go on alone, as the sender has it on disk (sole.ts). */
  readonly sole: Sole;
  /** The number under which the sender asks to be that one; 0: it does not ask. */
  readonly soleWish: number;
}

export interface ReleasedLease {
  readonly epoch: number;
  /** Set on a planned switchover: this node asks at once, without its rank delay. */
  readonly successor: NodeId | null;
  /** True where the holder gave it away as planned: a handover, no takeover. */
  readonly planned: boolean;
  /** Why, for people. Empty where a candidate gave up what it never held. */
  readonly reason: string;
}

export interface GrantState {
  readonly group: GroupName;
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  /** The request that was granted: lets a heartbeat repair a lost grant, still counted from the request (rule 2). */
  readonly requestId: number;
  readonly remainingUs: DurationUs;
}

/** What the rest of the agent tells the core about this node; peers get it with every heartbeat. */
export interface NodeStatus {
  /** Age of the last beat of each other thread. A thread that hangs makes its node ineligible, not a liar. */
  readonly threadAgesMs: Readonly<Record<string, number>>;
  readonly dataSets: readonly DataSetStatus[];
  /** Failing health, missing service settings, maintenance: why this node should not hold a group, by group. */
  readonly groupProblems: Readonly<Record<GroupName, string>>;
}

export interface LeaseRequest extends Envelope {
  readonly type: "lease-request";
  readonly group: GroupName;
  /** The number that is asked under; the tenure's epoch, if a candidate wins with it. Promised once, to one node. */
  readonly epoch: number;
  readonly leaseUs: DurationUs;
  /** Names this request in grants and refusals; grows within an incarnation. */
  readonly requestId: number;
  readonly seen: Seen | null;
}

export interface LeaseGrant extends Envelope {
  readonly type: "lease-grant";
  readonly group: GroupName;
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly seen: Seen | null;
}

export interface LeaseRefusal extends Envelope {
  readonly type: "lease-refusal";
  readonly group: GroupName;
  readonly to: NodeId;
  readonly requestId: number;
  readonly reason: "held-by-another" | "just-started" | "older-epoch" | "older-document" | "not-a-candidate" | "epoch-not-stored";
  /** The highest number that this voter has promised or heard of: the next request must exceed it. */
  readonly epoch: number;
  readonly holder: NodeId | null;
  readonly remainingUs: DurationUs;
}

export interface LeaseRelease extends Envelope, ReleasedLease {
  readonly type: "lease-release";
  readonly group: GroupName;
}

/** The present holder to a voter: a promise for longer than ordinary ones last (rule 10). */
export interface LongRequest extends Envelope {
  readonly type: "long-request";
  readonly group: GroupName;
  readonly epoch: number;
  /** 0: gives back what was promised for long requests up to this one. */
  readonly forUs: DurationUs;
  readonly requestId: number;
  readonly seen: Seen | null;
}

/** Counted from before the request that it names: a long one, or an ordinary one where the voter gives more than it was asked for, since it will be away. */
export interface LongGrant extends Envelope {
  readonly type: "long-grant";
  readonly group: GroupName;
  readonly to: NodeId;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly forUs: DurationUs;
  readonly seen: Seen | null;
}

/** The last word of an agent that is started anew while its resources run on: for so long at most nobody need wonder. */
export interface Away extends Envelope {
  readonly type: "away";
  readonly forUs: DurationUs;
}
