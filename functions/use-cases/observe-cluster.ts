import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Observation } from "../../shared/domain/monitoring/observation.ts";
import type { Dependencies } from "../dependencies.ts";

/** Enough to tell since when things are as they are; older beginnings are shown as unknown. */
const recentEvents = 50;

export interface Observed {
  readonly observation: Observation;
  /** When the cloud received each node's newest report, ISO 8601 UTC. */
  readonly reportedAt: ReadonlyMap<string, string>;
}

/** Everything that is known of how a cluster is. Nodes that were removed are left out. */
export async function observeCluster({ stores }: Dependencies, document: ClusterDocument): Promise<Observed> {
  const { clusterId } = document;
  const [reports, presence, events] = await Promise.all([
    stores.reports.listOfCluster(clusterId),
    stores.presence.listOfCluster(clusterId),
    stores.events.page(clusterId, { limit: recentEvents }),
  ]);
  const members = new Set(membersOf(document).map((node) => node.nodeId));
  return {
    observation: {
      document,
      reports: reports.map(({ report }) => report).filter((report) => members.has(report.nodeId)),
      presence: presence.filter((one) => members.has(one.nodeId)),
      events: events === "bad-position" ? [] : events.events,
    },
    reportedAt: new Map(reports.map(({ report, receivedAt }) => [report.nodeId, receivedAt])),
  };
}
