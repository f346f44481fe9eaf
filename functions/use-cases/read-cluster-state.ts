import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import type { Dependencies } from "../dependencies.ts";
import type { NodePresence } from "../store/presence-store.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";

export interface ClusterState {
  readonly document: ClusterDocument;
  /** Newest report of each present node that has sent one. */
  readonly reports: readonly NodeReport[];
  readonly presence: readonly { readonly nodeId: NodePresence["nodeId"]; readonly connected: boolean; readonly lastSeen: string }[];
}

/** The document, what the nodes last said, and which of them the cloud can see. Nodes that were removed are left out. */
export async function readClusterState(dependencies: Dependencies, clusterId: ClusterId): Promise<ClusterState> {
  const { stores, nowMs } = dependencies;
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const [reports, presence] = await Promise.all([stores.reports.listOfCluster(clusterId), stores.presence.listOfCluster(clusterId)]);
  const members = new Set(membersOf(document).map((node) => node.nodeId));
  const receivedAt = new Map(reports.map((stored) => [stored.report.nodeId, stored.receivedAt]));
  const now = new Date(nowMs()).toISOString();
  return {
    document,
    reports: reports.map(({ report }) => report).filter(({ nodeId }) => members.has(nodeId)),
    presence: presence
      .filter(({ nodeId }) => members.has(nodeId))
      .map(({ nodeId, connected, since }) => ({ nodeId, connected, lastSeen: connected ? now : later(since, receivedAt.get(nodeId)) })),
  };
}

/** Both are ISO 8601 UTC with milliseconds, which sort as text. */
function later(one: string, other: string | undefined): string {
  return other !== undefined && other > one ? other : one;
}
