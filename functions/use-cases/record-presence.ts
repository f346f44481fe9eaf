import { controlPlaneId, type EventId } from "../../shared/domain/ids.ts";
import { severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import type { ControlPlaneEventDetail } from "../../shared/domain/monitoring/control-plane-event.ts";
import type { Dependencies } from "../dependencies.ts";
import type { NodePresence } from "../store/presence-store.ts";
import { type AuthenticatedNode, recordEvent } from "./record-events.ts";
import { refreshSummary } from "./refresh-summary.ts";

/**
 * The broker has seen the node come or go. `sequence` orders the node's presence events, which may come repeated and out of order. A repeat is harmless, and so is a
 * kill between any two steps: what is told of a return goes first, under an id that stays the same.
 */
export async function recordPresence(dependencies: Dependencies, node: AuthenticatedNode, presence: BrokerPresence): Promise<void> {
  await storePresence(dependencies, node, presence);
  await refreshSummary(dependencies, node.clusterId, ["status"]);
}

export interface BrokerPresence {
  readonly connected: boolean;
  readonly sequence: number;
}

/** The same without the cluster's summary: for whoever has several nodes of one cluster, and brings that up to date once. */
export async function storePresence(dependencies: Dependencies, node: AuthenticatedNode, presence: BrokerPresence): Promise<void> {
  const { stores, nowMs } = dependencies;
  const { clusterId, nodeId } = node;
  const before = await stores.presence.find(clusterId, nodeId);
  if (before !== undefined && before.sequence >= presence.sequence) return;
  const since = new Date(nowMs()).toISOString();
  if (presence.connected && before?.told !== undefined) await tellReturn(dependencies, before, since);
  await stores.presence.put({ clusterId, nodeId, ...presence, since });
}

async function tellReturn(dependencies: Dependencies, before: NodePresence, at: string): Promise<void> {
  const { clusterId, nodeId, told, since } = before;
  if (told === undefined) return;
  const awayMs = Math.max(0, Date.parse(at) - Date.parse(since));
  if (told.what === "node") {
    const eventId = `${clusterId}/presence/${nodeId}/${told.sequence}/node.returned` as EventId;
    const detail = { kind: "node.returned", node: nodeId, awayMs } as const;
    await recordEvent(dependencies, { eventId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail });
    return;
  }
  await judgeTheOthersAnew(dependencies, before);
  const detail: ControlPlaneEventDetail = { kind: "site.returned", awayMs };
  const eventId = `${clusterId}/presence/site/${told.sequence}/site.returned` as EventId;
  await recordEvent(dependencies, { eventId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail });
}

/** Of a site that is back, some nodes may not be: from now on each is looked at by itself. */
async function judgeTheOthersAnew({ stores, nowMs }: Dependencies, { clusterId, nodeId }: NodePresence): Promise<void> {
  for (const other of await stores.presence.listOfCluster(clusterId)) {
    if (other.nodeId !== nodeId && other.told?.what === "site") await stores.presence.judged(other, { told: null, againMs: nowMs() });
  }
}
