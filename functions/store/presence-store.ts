import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";

/** Whether a node has a connection to the cloud's broker, as the broker tells it. */
export interface NodePresence {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  readonly connected: boolean;
  /** When that began, ISO 8601 UTC. */
  readonly since: string;
  /** Grows with every connection and disconnection of the node: presence events come repeated and out of order. */
  readonly sequence: number;
}

/** Rejects with `StoreUnavailableError` only. */
export interface PresenceStore {
  /** Keeps what has the higher sequence. */
  put(presence: NodePresence): Promise<"stored" | "older">;
  listOfCluster(clusterId: ClusterId): Promise<readonly NodePresence[]>;
}
