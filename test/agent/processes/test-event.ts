import { type ClusterEvent, type EventDetail, severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";

/** A valid event with the given id. */
export function testEvent(
  id: string,
  detail: EventDetail = { kind: "agent.started", incarnation: 1, agentVersion: "0.0.0" },
): ClusterEvent {
  const event = {
    eventId: id,
    clusterId: "clus_00000000000000000001",
    reporter: "node_00000000000000000001",
    at: "2026-11-21T10:00:00.000Z",
    severity: severityOf[detail.kind],
    detail,
  };
  return event as unknown as ClusterEvent;
}
