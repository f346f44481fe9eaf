import type { ClusterId, GroupName, NodeId, PathName } from "../ids.ts";
import type { PreflightReport } from "../preflight/preflight-report.ts";
import type { DataSetStatus } from "../replication/replication-status.ts";
import type { TriggerRun } from "../triggers/trigger-run.ts";
import type { RingAlarm } from "./ring-alarms.ts";

/** One node's view of itself and its cluster, for the console. Sent on change (every two seconds at most on average), and while nothing changes at pauses that grow to an hour. */
export interface NodeReport {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  readonly at: string;
  readonly agentVersion: string;
  readonly incarnation: number;
  readonly documentVersion: number;
  /** The certificate that it shows now: SHA-256 of its DER, hex. Absent by an agent that renews none. */
  readonly certificateSha256?: string;
  readonly groups: readonly GroupReport[];
  /** The other nodes, as this one hears them. */
  readonly peers: readonly PeerReport[];
  readonly dataSets: readonly DataSetStatus[];
  /** How its data and its clock stand in the ring; absent where it has no data sets, or by an agent that does not tell. */
  readonly alarms?: readonly RingAlarm[];
  /** What asking the control plane for its vote has taken; absent where it has not been asked, or by an agent that cannot. */
  readonly cloudVote?: CloudVoteReport;
  /** The newest of each trigger whose group this node runs, at most a minute old; absent where it runs none. */
  readonly triggerRuns?: readonly TriggerRun[];
  /** What the newest look at this server has found; absent before the first, or by an agent that does not look. */
  readonly preflight?: PreflightReport;
}

export interface CloudVoteReport {
  /** Since the agent's start. */
  readonly answers: number;
  readonly lost: number;
  /** Of the newest answers, in milliseconds. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface GroupReport {
  readonly name: GroupName;
  /** A state's name of shared/domain/failover/group-states.ts. */
  readonly state: string;
  readonly epoch: number;
  readonly holder: NodeId | null;
  /** Why this node may not take the group; absent where it may. */
  readonly ineligible?: string;
}

export interface PeerReport {
  readonly nodeId: NodeId;
  readonly reachable: boolean;
  readonly lastHeardMs: number | null;
  /** Where there are several, which of the ways to it work; absent where there is one. */
  readonly paths?: readonly { readonly name: PathName; readonly heard: boolean }[];
}

/**
 * What of a report decides how its cluster is (cluster-status.ts). The rest changes with almost every report, and says only how far something has come.
 */
export function standingIn({ groups, peers, dataSets }: NodeReport): unknown {
  return {
    groups,
    peers: peers.map(({ nodeId, reachable, paths }) => ({ nodeId, reachable, paths })),
    dataSets: dataSets.map(({ name, phase, syncingWith, problem }) => ({ name, phase, syncingWith, problem })),
  };
}
