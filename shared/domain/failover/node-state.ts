import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { Leaves } from "../membership/quarantine.ts";
import type { GroupMove } from "../priority/flap-guard.ts";
import type { DataSetStatus } from "../replication/replication-status.ts";
import type { DurationUs, MonotonicUs } from "../time.ts";
import type { LongPromiseRecord, Sole } from "./durable-record.ts";
import type { FailoverSettings } from "./failover-settings.ts";
import type { GroupStateName } from "./group-states.ts";
import type { Lookout } from "./lookout.ts";
import type { GrantState, GroupState, LastHeard, NodeStatus, ReleasedLease } from "./messages.ts";
import type { PathHearings } from "./path-watch.ts";

/** All that one node knows and has promised. Never changed in place: `step` returns the next one. */
export interface NodeState {
  readonly nodeId: NodeId;
  readonly settings: FailoverSettings;
  readonly document: ClusterDocument;
  /** The oldest version of the document that surely has the same voters: whoever asks on an older one is refused (rule 6). */
  readonly votersSinceVersion: number;
  readonly incarnation: number;
  /** Of the newest message sent. */
  readonly sequence: number;
  /** Of the newest lease request sent. */
  readonly requestId: number;
  readonly startedAtUs: MonotonicUs;
  readonly phase: "running" | "shutting-down" | "stopped";
  /** Why the agent is ending. */
  readonly shutdownReason: string;
  /** Rule 4: this voter grants nothing before. */
  readonly quietUntilUs: MonotonicUs;
  /** After having been late itself the node asks for nothing before: first it reads what it missed. */
  readonly lateUntilUs: MonotonicUs;
  /** After a change of voters this node asks for nothing before: leases won under earlier memberships run out first. */
  readonly votersSettleAtUs: MonotonicUs;
  /** T of the document before this one; the longest that there is where that is not known. */
  readonly earlierLeaseMs: number;
  readonly nextHeartbeatUs: MonotonicUs;
  /** What the last `wake-at` asked for. */
  readonly wakeAtUs: MonotonicUs;
  /** Whether a majority, and whether everybody, has been met since the start; since when a majority is missing. */
  readonly metQuorum: boolean;
  readonly metAll: boolean;
  readonly quorumLostAtUs: MonotonicUs | null;
  readonly degraded: boolean;
  /** How often in this run an operator has ended this node's quarantine. */
  readonly readmissions: number;
  /** Whether it was told that this node is in quarantine. */
  readonly isQuarantined: boolean;
  /** Null until the rest of the agent has told it for the first time. */
  readonly status: NodeStatus | null;
  readonly peers: Readonly<Record<NodeId, PeerView>>;
  readonly groups: Readonly<Record<GroupName, GroupRun>>;
  /** As a voter: the newest promise of each group. Kept after it has run out, for its epoch. */
  readonly grants: Readonly<Record<GroupName, Grant>>;
  /** On disk, and asked to be there (durable-record.ts). */
  readonly stored: Readonly<Record<GroupName, number>>;
  readonly reserved: Readonly<Record<GroupName, number>>;
  /** Who may go on alone: as this node acts on it, and as it is on disk (sole.ts). */
  readonly soles: Readonly<Record<GroupName, Sole>>;
  readonly solesStored: Readonly<Record<GroupName, Sole>>;
  /** Long promises that wait for the disk, and what it was last asked to hold of them (long-promise.ts). */
  readonly pendingLong: Readonly<Record<GroupName, LongPromiseRecord>>;
  readonly recordedLong: Readonly<Record<GroupName, LongPromiseRecord>>;
  /** What a node that does not hear the other one of two finds on the LAN (lookout.ts). Null: it has no need to look. */
  readonly lookout: Lookout | null;
  /** The agent is about to leave the rest as it is: given up at this instant. Null: it is not (detach.ts). */
  readonly detaching: { readonly untilUs: MonotonicUs } | null;
}

/** Another member, as its own messages show it. */
export interface PeerView {
  readonly incarnation: number;
  /** Newest of any message, and of any heartbeat, of this incarnation. */
  readonly sequence: number;
  readonly heartbeatSequence: number;
  /** Null while nothing has been heard since this node's own start. */
  readonly heardAtUs: MonotonicUs | null;
  /** When the peer last heard this node, as far as it has said so. */
  readonly hearsUsAtUs: MonotonicUs | null;
  /** On every path. */
  readonly silent: boolean;
  /** Since when it has been heard without a break, on whatever path. */
  readonly heardSinceUs: MonotonicUs;
  readonly paths: PathHearings;
  /** When it was last found silent. */
  readonly silentSinceUs: MonotonicUs;
  readonly status: NodeStatus | null;
  /** Whom it has heard, as its newest heartbeat told at this instant. */
  readonly lastHeard: readonly LastHeard[];
  readonly toldAtUs: MonotonicUs;
  readonly groups: Readonly<Record<GroupName, GroupState>>;
  /** What the peer has promised to whom, until when at the latest on this node's clock. */
  readonly grants: Readonly<Record<GroupName, Pick<GrantState, "to" | "toIncarnation" | "epoch"> & { readonly untilUs: MonotonicUs }>>;
  /** On which it acted as its newest heartbeat told; what it knew of epochs came with it. */
  readonly documentVersion: number;
  readonly documentSentAtUs: MonotonicUs | null;
  /** How often this node has seen it leave without a word, and whether its present absence is counted already. */
  readonly leaves: Leaves;
  readonly isLeaveCounted: boolean;
  /** As it has told in this incarnation. */
  readonly readmissions: number;
  /** Until when it holds this node in quarantine, and until when it is in quarantine itself, as it says. */
  readonly quarantinesUsUntilUs: MonotonicUs;
  readonly quarantinedUntilUs: MonotonicUs;
  /** It has said that its agent is away until then at most, and nobody need wonder. 0: it has not. */
  readonly awayUntilUs: MonotonicUs;
}

export interface Grant {
  /** Null once it was given back. */
  readonly to: NodeId | null;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  readonly untilUs: MonotonicUs;
  /** Beside the ordinary promise, to the same holder (long-promise.ts). */
  readonly long: LongPromise | null;
  /** Long promises for requests up to this one were given back, whenever they arrive. */
  readonly longVoidUpTo: number;
}

export interface LongPromise {
  readonly requestId: number;
  readonly untilUs: MonotonicUs;
  readonly forUs: DurationUs;
  readonly epoch: number;
  /** Of the cluster document that was acted on when it was made. */
  readonly documentVersion: number;
}

/** One group on this node. */
export interface GroupRun {
  readonly name: GroupName;
  readonly state: GroupStateName;
  readonly sinceUs: MonotonicUs;
  /** The sentence of the transition that led here. */
  readonly reason: string;
  /** Highest epoch heard of or promised by anybody. */
  readonly epochSeen: number;
  /** The epoch that this node holds the group under, fixed when it was won; it fences its resources. 0: none. */
  readonly epoch: number;
  /** The number under which this node asks voters now: at least `epoch`, and above everything that a voter has promised. */
  readonly ballot: number;
  /** The highest number that a voter has preferred to this node's ballot. */
  readonly outbidBy: number;
  /** Requests that may still be answered, oldest first. */
  readonly rounds: readonly Round[];
  /** By voter: the newest request that it has granted. */
  readonly promises: Readonly<Record<NodeId, Round>>;
  /** The long request that may be answered. */
  readonly longRound: Round | null;
  /** By voter: its long promise, as far as this node counts on it. */
  readonly long: Readonly<Record<NodeId, Round>>;
  /** No answer to a request up to this one makes a long promise any more: they were given back, or are about to be, from `longFreeAtUs` on. */
  readonly longVoidUpTo: number;
  readonly longFreeAtUs: MonotonicUs;
  /** The end of the best lease won so far, on this node's clock; a membership change by one node never shortens it. 0: none. */
  readonly leaseEndUs: MonotonicUs;
  /** The highest number whose promise was given back to the witness while the group was held: such a promise is not believed again. */
  readonly witnessFreed: number;
  /** The end of the newest lease that was counted on this node's own vote alone. 0: none was. */
  readonly aloneUntilUs: MonotonicUs;
  /** By voter: until when it has refused. */
  readonly refusals: Readonly<Record<NodeId, MonotonicUs>>;
  readonly askUntilUs: MonotonicUs;
  readonly askAgainAtUs: MonotonicUs;
  /** Candidacies in vain since the group last had a holder. */
  readonly attempts: number;
  /** Since when nobody is known to hold it; null while somebody is. */
  readonly freeSinceUs: MonotonicUs | null;
  /** The last node known to have been operational, and under which epoch. */
  readonly lastHolder: { readonly node: NodeId; readonly epoch: number } | null;
  /** The last lease given back by another node after it had held it. */
  readonly heardRelease: HeardRelease | null;
  /** The last lease that this node has given back. */
  readonly released: ReleasedLease | null;
  readonly wonAtUs: MonotonicUs;
  /** What the old holder had told of and was missing here when the group was won: what arrives while the resources start comes too late for them. */
  readonly won: {
    readonly isAsPlanned: boolean;
    readonly behind: number;
    /** For the record of a takeover (takeover-course.ts). */
    readonly freeSinceUs: MonotonicUs;
    readonly askedAtUs: MonotonicUs;
    /** For how long nobody had answered for its addresses; null where nobody looked (lookout.ts). */
    readonly quietForUs: DurationUs | null;
    readonly lastSigns: LastSigns;
  };
  readonly votesWon: number;
  /** Stop of the resources under way: killed at this instant. */
  readonly stopByUs: MonotonicUs;
  readonly handover: { readonly to: NodeId | null; readonly reason: string; readonly isFailback: boolean } | null;
  readonly drainUntilUs: MonotonicUs;
  /** Of the last look that was asked for. */
  readonly lookId: number;
  /** What it found: everything that the resources wrote before they were down, and perhaps more. Null: not answered yet. */
  readonly lookedAt: readonly DataSetStatus[] | null;
  readonly startFailures: number;
  readonly startFailure: string;
  /** After a failed start this node asks for the group no earlier. */
  readonly notBeforeUs: MonotonicUs;
  /** Since when this node has run the group although neither it nor another one is fit for it, and whether that was told. */
  readonly unfitHolder: { readonly sinceUs: MonotonicUs; readonly isTold: boolean } | null;
  /** Automatic failback: the preferred node, and since when it could take the group. */
  readonly preferred: { readonly node: NodeId; readonly sinceUs: MonotonicUs } | null;
  /** Failbacks of this tenure that had to be given up. */
  readonly failbacksGivenUp: number;
  /** The latest moves of the group from node to node, whoever told of them, oldest first; those up to `movesForgiven` do not count. */
  readonly moves: readonly GroupMove[];
  readonly movesForgiven: number;
  /** Whether this holder has noticed that they are too many. */
  readonly isFailbackFrozen: boolean;
}

/** What this node has last seen of another one. */
export interface LastSigns {
  /** Null where it was not heard since this node's own start. */
  readonly heardAtUs: MonotonicUs | null;
  /** Since when it has been silent on every path; null where it is heard. */
  readonly silentSinceUs: MonotonicUs | null;
  readonly paths: PathHearings;
}

export interface HeardRelease extends ReleasedLease {
  readonly by: NodeId;
  /** Nobody but this node has asked under a number above the released epoch, up to this one: nobody can have held the group in between. */
  readonly aloneUpTo: number;
}

export interface Round {
  readonly requestId: number;
  /** The instant before the request was sent: a lease is counted from here (rule 2). */
  readonly sentUs: MonotonicUs;
  readonly leaseUs: DurationUs;
}
