import type { PathViewLine } from "../../shared/domain/failover/node-view.ts";
import type { ClusterId, GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";
import type { Timing } from "../../shared/domain/membership/timing-profile.ts";
import type { RingAlarm } from "../../shared/domain/monitoring/ring-alarms.ts";
import type { DayOfGaps } from "../../shared/domain/monitoring/timing-advice.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../shared/domain/replication/ring-report.ts";
import type { CheckLine } from "../checks/watched-check.ts";
import type { ProbeLine } from "../checks/watched-probe.ts";
import type { CloudLinkState } from "../cloud/cloud-link.ts";
import type { CertificateStanding } from "../node/certificate-keeper.ts";
import type { Work } from "../node/maintenance.ts";
import type { SharedDataLine } from "../shared-data/shared-data-board.ts";

/** What the agent says of itself: the body of the local status endpoint, and what `status --json` prints. Times in milliseconds. */
export interface AgentStatus {
  readonly node: {
    readonly nodeId: NodeId;
    readonly name: string;
    readonly role: MemberRole;
    readonly incarnation: number;
    readonly agentVersion: string;
    readonly pid: number;
    readonly guardianPid: number | null;
    /** For how much longer its peers hold it in quarantine, since it has left without a word too often; 0: they do not. */
    readonly quarantinedForMs: number;
  };
  /** Since when and why an operator works on this server; null: nobody does. */
  readonly maintenance: Work | null;
  readonly cluster: { readonly clusterId: ClusterId; readonly name: string; readonly documentVersion: number };
  readonly groups: readonly GroupLine[];
  readonly peers: readonly PeerLine[];
  /** This node first. */
  readonly hears: readonly HearsLine[];
  /** What this node sees of the services of every node. */
  readonly probes: readonly ProbeLine[];
  readonly checks: readonly CheckLine[];
  readonly dataSets: readonly DataSetStatus[];
  /** Clocks, and how old what is shown where is; null: replication has not looked yet, or this is a witness. */
  readonly ring: RingReport | null;
  readonly alarms: readonly RingAlarm[];
  /** Databases that all nodes use, as this node sees them. */
  readonly sharedData: readonly SharedDataLine[];
  readonly cloud: CloudLinkState;
  readonly certificate: CertificateStanding;
  /** Events that the cloud has not acknowledged yet. `trouble`: why they are not on disk. */
  readonly outbox: { readonly waiting: number; readonly trouble: string | null };
  /** What stands in the way of this node, in sentences. */
  readonly problems: readonly string[];
}

/** How regularly this node has heard its peers, and by which profile's heartbeats. */
export interface HeardGaps {
  readonly timing: Timing;
  readonly days: readonly DayOfGaps[];
}

export interface GroupLine {
  readonly name: GroupName;
  readonly state: string;
  readonly epoch: number;
  readonly holder: NodeId | null;
  readonly holderName: string | null;
  readonly ineligible: string | null;
  /** How the group came to this state here. */
  readonly reason: string;
  /** Of this node's own lease; null where it holds none. */
  readonly leaseRemainingMs: number | null;
}

/** Whom one member hears. `isCurrent` false: it is silent itself, and this is what it told last. */
export interface HearsLine {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly isCurrent: boolean;
  /** `lastHeardMs` null: never. Who is not there was never heard. */
  readonly hears: readonly { readonly nodeId: NodeId; readonly name: string; readonly lastHeardMs: number | null }[];
}

export interface PeerLine {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly role: MemberRole;
  readonly reachable: boolean;
  /** Its agent is being started anew, as it has said; what it runs goes on. */
  readonly detached: boolean;
  readonly lastHeardMs: number | null;
  /** Each way to it by itself: one that is silent moves nothing as long as another is heard. */
  readonly paths: readonly PathViewLine[];
}
