import { cloudTopics } from "../../shared/protocol/topics.ts";
import { nodeMessageKind } from "../ingest/node-message-kind.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";

/** Exact topics: no wildcard ever matches, because a filter is compared as it stands. */
export function maySubscribe({ clusterId, nodeId }: AuthenticatedNode, filter: string): boolean {
  return filter === cloudTopics.document(clusterId) || filter === cloudTopics.receipts(clusterId, nodeId);
}

export function mayPublish(node: AuthenticatedNode, topic: string): boolean {
  return nodeMessageKind(node, topic) !== undefined;
}
