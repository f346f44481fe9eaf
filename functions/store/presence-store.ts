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
  /** What people were told of its silence; absent: nothing yet. */
  readonly told?: ToldSilence;
}

export interface ToldSilence {
  readonly what: "node" | "site";
  /** The sequence of the disconnection that made it so: of this node, or of the site's last. */
  readonly sequence: number;
}

/** Rejects with `StoreUnavailableError` only. */
export interface PresenceStore {
  /** Keeps what has the higher sequence. One that is not connected is to be judged from `since` on. */
  put(presence: NodePresence): Promise<"stored" | "older">;
  find(clusterId: ClusterId, nodeId: NodeId): Promise<NodePresence | undefined>;
  listOfCluster(clusterId: ClusterId): Promise<readonly NodePresence[]>;
  /** Nodes without a connection that are to be judged, the longest waiting first. Eventually consistent. */
  toJudge(nowMs: number, limit: number): Promise<readonly NodePresence[]>;
  /** Notes what was told, and when to judge again (null: not before it changes). Nothing happens where the node's presence has changed since. */
  judged(presence: NodePresence, next: { readonly told: ToldSilence | null; readonly againMs: number | null }): Promise<void>;
}
