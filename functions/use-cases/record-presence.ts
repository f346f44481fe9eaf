import type { Dependencies } from "../dependencies.ts";
import type { AuthenticatedNode } from "./record-events.ts";

/** The broker has seen the node come or go. `sequence` orders the node's presence events, which may come repeated and out of order. */
export async function recordPresence(
  { stores, nowMs }: Dependencies,
  node: AuthenticatedNode,
  presence: { readonly connected: boolean; readonly sequence: number },
): Promise<void> {
  const { clusterId, nodeId } = node;
  await stores.presence.put({ clusterId, nodeId, ...presence, since: new Date(nowMs()).toISOString() });
}
