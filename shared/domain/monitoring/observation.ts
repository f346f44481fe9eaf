import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { Member } from "../membership/members.ts";
import type { ClusterEvent } from "./cluster-event.ts";
import type { NodeReport } from "./node-report.ts";

/** Everything that the cloud knows of one cluster, and all that its status is judged by. */
export interface Observation {
  readonly document: ClusterDocument;
  /** Newest report of each node that has sent one. */
  readonly reports: readonly NodeReport[];
  readonly presence: readonly Presence[];
  /** Newest first; the newest page is enough: events only tell since when, never what is. */
  readonly events: readonly ClusterEvent[];
}

/** Whether a node has a connection to the cloud, and since when (ISO 8601 UTC). A node that never had one is absent. */
export interface Presence {
  readonly nodeId: NodeId;
  readonly connected: boolean;
  readonly since: string;
}

export function presenceOf(observation: Observation, nodeId: NodeId): Presence | undefined {
  return observation.presence.find((presence) => presence.nodeId === nodeId);
}

export function reportOf(observation: Observation, nodeId: NodeId): NodeReport | undefined {
  return observation.reports.find((report) => report.nodeId === nodeId);
}

export function nameOfNode(nodes: readonly Pick<Member, "nodeId" | "name">[], nodeId: NodeId): string {
  return nodes.find((node) => node.nodeId === nodeId)?.name ?? nodeId;
}
