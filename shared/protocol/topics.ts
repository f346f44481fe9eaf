import type { ClusterId, NodeId, PathName } from "../domain/ids.ts";
import { mainPath } from "../domain/membership/lan-path.ts";

/**
 * Topics between agents and cloud (at most seven slashes, retained ones exact: AWS IoT Core's rules). The MQTT client id
 * is the node id, and the node's certificate must be the one in the cluster document.
 */
export const cloudTopics = {
  /** Retained: the newest signed cluster document. Nodes of the cluster may subscribe. */
  document: (cluster: ClusterId) => `understudy/v1/${cluster}/document`,
  /** QoS 1, node to cloud: a batch of events; kept in the node's outbox until its receipt. */
  events: (cluster: ClusterId, node: NodeId) => `understudy/v1/${cluster}/${node}/events`,
  /** QoS 1, node to cloud: the node's report, the newest counts. */
  report: (cluster: ClusterId, node: NodeId) => `understudy/v1/${cluster}/${node}/report`,
  /** QoS 1, cloud to node: ids of events that are stored. */
  receipts: (cluster: ClusterId, node: NodeId) => `understudy/v1/${cluster}/${node}/receipts`,
} as const;

/** A node is one MQTT client on each path to a peer's broker, by a name of its own, since a broker keeps only one client of each name. */
export function lanClientId(node: NodeId, path: PathName): string {
  return path === mainPath ? node : `${node}.${path}`;
}

/** On the LAN a node may publish below its own name on its peers' brokers, and subscribe to nothing: the broker's own process listens. */
export const lanTopics = {
  from: (cluster: ClusterId, node: NodeId) => `understudy-lan/v1/${cluster}/${node}`,
} as const;
