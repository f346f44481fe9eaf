import { limits } from "../../shared/config/limits.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";
import { mayPublish, maySubscribe } from "./topic-rights.ts";

/** A keepalive below the minimum counts as the minimum; none, or one above the maximum, is refused. */
export const keepaliveSeconds = { min: 30, max: 1_200 } as const;

/** AWS IoT Core allows seven slashes. */
export const topicLevelsMax = 8;

/** Why a node may not connect like this; undefined: it may. */
export function connectProblem(
  node: AuthenticatedNode | undefined,
  connection: { readonly clientId: string; readonly hasWill: boolean; readonly isClean: boolean },
): string | undefined {
  if (node === undefined) return "nobody is behind this connection";
  if (connection.clientId !== node.nodeId) return `its client id must be its node id, ${node.nodeId}`;
  if (!connection.isClean) return "it asks for a session that outlasts the connection, which no node needs";
  return connection.hasWill ? "it brings a will, which no node needs" : undefined;
}

/** Why a node is disconnected for this message; undefined: it may publish it. */
export function publishProblem(
  node: AuthenticatedNode | undefined,
  message: { readonly topic: string; readonly qos: number; readonly retain: boolean; readonly payload: { readonly length: number } },
): string | undefined {
  if (node === undefined || !mayPublish(node, message.topic)) return "it may not publish there";
  if (message.qos > 1) return "QoS 2 is not offered";
  if (message.retain) return "only the cloud may retain";
  return message.payload.length > limits.cloudMessageBytesMax
    ? `its message has more than ${limits.cloudMessageBytesMax} bytes`
    : undefined;
}

export function subscriptionAllowed(
  node: AuthenticatedNode | undefined,
  subscription: { readonly topic: string; readonly qos: number },
): boolean {
  return node !== undefined && subscription.qos < 2 && maySubscribe(node, subscription.topic);
}
