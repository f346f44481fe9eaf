import { cloudTopics } from "../../shared/protocol/topics.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";

export type NodeMessageKind = "events" | "report";

/** What a node's message on a topic is; undefined where the topic is not one of its own. */
export function nodeMessageKind({ clusterId, nodeId }: AuthenticatedNode, topic: string): NodeMessageKind | undefined {
  if (topic === cloudTopics.events(clusterId, nodeId)) return "events";
  if (topic === cloudTopics.report(clusterId, nodeId)) return "report";
  return undefined;
}
