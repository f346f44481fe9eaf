import type { ClusterId, CustomerId, GroupName, NodeId } from "../ids.ts";
import type { TableConflicts } from "../replication/conflict-policy.ts";
import type { LocalPart } from "../replication/local-parts.ts";
import type { Trigger } from "../triggers/trigger.ts";
import type { Approval } from "./approval.ts";
import type { Certified } from "./certificates.ts";
import type { LanPath } from "./lan-path.ts";
import type { Resource } from "./resource.ts";
import type { Timing } from "./timing-profile.ts";
import type { WhenAlone } from "./when-alone.ts";

/**
 * The signed truth about one cluster: who belongs to it, in which order, and what follows whom. The control
 * plane alone writes it (a conditional write on `version`); agents act on their copy with the cloud away.
 * It is also the whole trust store of the LAN: a certificate that is not named here is nobody's.
 */
export interface ClusterDocument {
  readonly schema: 1;
  readonly customerId: CustomerId;
  readonly clusterId: ClusterId;
  readonly name: string;
  /** Grows by one with every change. An older version is refused and answered with the newer document. */
  readonly version: number;
  /** Wall-clock time of the change, ISO 8601 in UTC. For display only. */
  readonly issuedAt: string;
  /** In ring order: each node synchronises with its successor, the last with the first. */
  readonly nodes: readonly ClusterNode[];
  readonly groups: readonly PriorityGroup[];
  readonly dataSets: readonly DataSet[];
  readonly timing: Timing;
  /** One more voter, on a machine of its own. Absent: none. */
  readonly witness?: Witness;
  /** What two nodes without a third voter do when they lose each other. Absent: `stop`. */
  readonly whenAlone?: WhenAlone;
  /** What the holders of groups do when something occurs. Absent: nothing. */
  readonly triggers?: readonly Trigger[];
  /** `off`: the control plane makes itself no witness here. Absent: it does where the number of nodes is even and nothing else was chosen. */
  readonly cloudWitness?: "off";
  /** The word of the cluster's approver for everything dangerous here. Absent: the cluster never had one, and the control plane's signature alone counts. */
  readonly approval?: Approval;
}

export type TimingProfileName = "fast" | "default" | "patient";

export interface ClusterNode extends Certified {
  readonly nodeId: NodeId;
  /** For people; may change. */
  readonly name: string;
  /** Fixed by the licence: who may write configuration. Says nothing about who is operational. */
  readonly role: "primary" | "secondary";
  /** False: a learner. It has its replica and hears everybody, but has no vote and holds no group until the control plane promotes it (promotion.ts). */
  readonly voting: boolean;
  /** IP address or host name at which the other nodes reach this one. */
  readonly host: string;
  /** Further networks on which it is reached, beside that of `host`; absent where there is none. */
  readonly paths?: readonly LanPath[];
  /** TCP port of the node's MQTT broker (heartbeats, leases). */
  readonly heartbeatPort: number;
  /** TCP port of the node's replication listener. */
  readonly replicationPort: number;
}

/**
 * A voter without data, services and candidacies, asked only where the nodes alone do not suffice. It makes an even number of
 * nodes able to lose half of them, or the link between the halves. `agent`: an agent on any further machine of the LAN; `cloud`: the control plane.
 */
export type Witness = AgentWitness | CloudWitness;

export interface AgentWitness extends Certified {
  readonly kind: "agent";
  readonly nodeId: NodeId;
  readonly name: string;
  /** Given and taken by the control plane, as a node's (witness-vote.ts). */
  readonly voting: boolean;
  readonly host: string;
  readonly heartbeatPort: number;
}

/** The control plane's own vote (domain/witness/cloud-votes.ts): it is on no LAN, and has no certificate there. */
export interface CloudWitness {
  readonly kind: "cloud";
  /** Of the vote, which is kept under it. */
  readonly nodeId: NodeId;
  readonly name: string;
  readonly voting: boolean;
}

export interface PriorityGroup {
  readonly name: GroupName;
  /** Preferred first. Only nodes listed here may become operational for the group. */
  readonly order: readonly NodeId[];
  /** In the order in which they are started; they are stopped in reverse. */
  readonly resources: readonly Resource[];
  readonly failback: { readonly mode: "manual" } | { readonly mode: "automatic"; readonly stableForMs: number };
  /** False: a service that dies is started anew where it was, once a minute at most, and the group stays; absent or true: the group moves. */
  readonly swapOnReset?: boolean | undefined;
}

export type DataSet = ReplicatedDataSet | SharedDatabase;

/** Data that every node keeps a replica of. */
export type ReplicatedDataSet = ApplicationDatabase | OwnedDataSet | FileTree;

/** An application's own SQLite database, written on every node. The path is each node's own setting. */
export interface ApplicationDatabase {
  readonly kind: "sqlite";
  readonly name: string;
  /** What never leaves its node: tables, or parts of them. */
  readonly local: readonly LocalPart[];
  /** How tables settle what two nodes have written apart. Absent, or of a table that is not named: the newest write of a row stands. */
  readonly conflicts?: readonly TableConflicts[];
  /** What becomes of a node's writes while its clock is wrong. Absent: they wait, from a difference of 15 s on. */
  readonly clock?: ClockRule;
}

/**
 * `inhibit`: what a node writes while its clock differs by more than `skewMsMax` waits there until the clock is right, or somebody lets it go. `hlc`: it goes out in the order of
 * the logical clock alone. The narrowest limit of a cluster's data sets counts for all of them.
 */
export interface ClockRule {
  readonly whenSkewed: "inhibit" | "hlc";
  readonly skewMsMax: number;
}

/**
 * Kept by the agent itself, in its data directory, and written only by the node that holds the lease of its group. `config`: records that stay until
 * somebody changes them; `state`: short-lived ones, which may have a time to live.
 */
export interface OwnedDataSet {
  readonly kind: "config" | "state";
  readonly name: string;
  /** Whoever holds it is the writer. */
  readonly group: GroupName;
  /** None: there are no tables but the agent's. */
  readonly local: readonly string[];
}

/**
 * One database that all nodes use, wherever it is: nothing of it is replicated, and nothing hangs on it. Each node looks whether it answers, in the way that its own
 * settings say.
 */
export interface SharedDatabase {
  readonly kind: "shared";
  readonly name: string;
}

/** A folder with all that is in it, the same on every node; where it lies is each node's own setting. */
export interface FileTree {
  readonly kind: "files";
  readonly name: string;
  /** Whoever holds it is the writer; everybody else's tree follows. */
  readonly group: GroupName;
  /** Paths that never leave their node, as patterns (local-paths.ts). */
  readonly local: readonly string[];
}
