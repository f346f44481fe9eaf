import { type AlertMessage, type AlertNames, alertMessage, eventSentence } from "../../../functions/notify/alert-message.ts";
import type { ClusterId, CustomerId, EventId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterEvent, EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";

export const customerId = "cust_00000000000000000001" as CustomerId;
export const nodeA = "node_0000000000000000000a" as NodeId;
export const nodeB = "node_0000000000000000000b" as NodeId;

export const takeover: EventDetail = {
  kind: "group.takeover",
  group: "default" as GroupName,
  epoch: 7,
  from: nodeA,
  silentMs: 480,
  released: null,
  votes: 2,
  voters: 3,
  startedInMs: 12,
  behind: 0,
};

export const names: AlertNames = {
  customer: { id: customerId, name: "Hotel Adler" },
  clusterName: "Front desk",
  nodeName: (node) => ({ [nodeA]: "node-a", [nodeB]: "node-b" })[node] ?? node,
};

/** A takeover, as it reaches subscribers; parts of it as the test wants them. */
export function sampleAlert(parts: { eventId?: string; detail?: EventDetail; names?: Partial<AlertNames> } = {}): AlertMessage {
  const event: ClusterEvent = {
    eventId: (parts.eventId ?? "clus/default/7/group.takeover") as EventId,
    clusterId: "clus_00000000000000000001" as ClusterId,
    reporter: nodeB,
    at: "2026-11-21T10:02:03.120Z",
    severity: "critical",
    detail: parts.detail ?? takeover,
  };
  const shown = { ...names, ...parts.names };
  const { eventId: alertId, severity, at } = event;
  const sentence = eventSentence(event, shown);
  const fact = { kind: event.detail.kind, severity, at, sentence, times: 1, isNew: true, isOver: false };
  const incident = { number: 3, phase: "opened", openedAt: at, closedAt: null, facts: [fact], swallowed: [], lateMs: null } as const;
  return alertMessage({ alertId, lead: event, severity, sentence, incident: { ...incident, facts: [fact], swallowed: [] } }, shown);
}
