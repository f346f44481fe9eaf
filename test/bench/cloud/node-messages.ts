import type { EventId } from "../../../shared/domain/ids.ts";
import { type ClusterEvent, severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { FleetNode } from "./fleet-seed.ts";
import { sampleEpochMs, sampleReport } from "./node-day.ts";

/** What a node of the fleet sends, as text. */
export const messageOf = {
  /** Of so long after now, in milliseconds. */
  report: ({ clusterId, nodeId, peerId, witnessId }: FleetNode, afterMs: number): string => {
    const nowMs = Date.now() + afterMs - sampleEpochMs;
    return JSON.stringify(sampleReport({ nodes: 2, nowMs, clusterId, nodeIds: [nodeId, peerId], witness: witnessId, documentVersion: 5 }));
  },
  /** One event that people may read: like most. `number`: another one for each. */
  events: (node: FleetNode, number: number): string => JSON.stringify({ events: [sampleEvent(node, number)] }),
};

export function sampleEvent({ clusterId, nodeId }: FleetNode, number: number): ClusterEvent {
  const detail = { kind: "loop.late", lateMs: 120 } as const;
  const eventId = `${clusterId}/${nodeId}/3/${number}` as EventId;
  return { eventId, clusterId, reporter: nodeId, at: new Date().toISOString(), severity: severityOf[detail.kind], detail };
}
