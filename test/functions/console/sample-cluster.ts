import type { ClusterId, CustomerId, EventId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent, EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";
import { type ClusterSummary, statusSummary } from "../../../shared/domain/monitoring/cluster-summary.ts";
import type { NodeReport } from "../../../shared/domain/monitoring/node-report.ts";
import type { Observation } from "../../../shared/domain/monitoring/observation.ts";
import type { DataSetStatus } from "../../../shared/domain/replication/replication-status.ts";

const pad = (kind: string, number: number) => `${kind}_${String(number).padStart(20, "0")}`;
export const customerId = (number: number) => pad("cust", number) as CustomerId;
export const clusterId = (number: number) => pad("clus", number) as ClusterId;
export const nodeId = (number: number) => pad("node", number) as NodeId;
export const defaultGroup = "default" as GroupName;

export const begin = Date.parse("2026-11-20T10:00:00.000Z");
/** Seconds after the sample's beginning, as ISO 8601. */
export const at = (seconds: number) => new Date(begin + seconds * 1_000).toISOString();

export interface SampleOptions {
  readonly number?: number;
  readonly name?: string;
  readonly nodeNames: readonly string[];
}

export function sampleDocument({ number = 1, name = "Switchboard", nodeNames }: SampleOptions): ClusterDocument {
  const nodes = nodeNames.map((nodeName, index) => ({
    nodeId: nodeId(number * 10 + index),
    name: nodeName,
    role: index === 0 ? ("primary" as const) : ("secondary" as const),
    voting: true,
    host: `10.0.${number}.${index + 11}`,
    heartbeatPort: 7_400,
    replicationPort: 7_401,
    certificateSha256: "a".repeat(64),
  }));
  return {
    schema: 1,
    customerId: customerId(1),
    clusterId: clusterId(number),
    name,
    version: nodes.length + 1,
    issuedAt: at(0),
    nodes,
    groups: [
      {
        name: defaultGroup,
        order: nodes.map((node) => node.nodeId),
        resources: [{ kind: "service", name: "switchboard" }],
        failback: { mode: "manual" },
      },
    ],
    dataSets: [{ kind: "sqlite", name: "crm", local: [] }],
    timing: "default",
  };
}

/** All is well: every node up, the first one operational, all in step. */
export function healthySample(options: SampleOptions): Observation {
  const document = sampleDocument(options);
  return {
    document,
    reports: document.nodes.map((_, index) => sampleReport(document, index, 0)),
    presence: document.nodes.map((node, index) => ({ nodeId: node.nodeId, connected: true, since: at(index) })),
    events: [],
  };
}

/** As the control plane would sum it up: without incidents and licences. */
export function sampleSummary(observation: Observation): ClusterSummary {
  const { clusterId: id, customerId: customer, nodes } = observation.document;
  const licence = { state: "none", trial: false, next: null, usage: "within", users: { required: 0, licensed: 0 } } as const;
  return {
    clusterId: id,
    customerId: customer,
    status: statusSummary(observation),
    incidents: { open: 0, unacknowledged: 0, critical: 0 },
    licence: { ...licence, nodes: { used: nodes.length, licensed: 0 } },
    changedAt: at(0),
  };
}

export function sampleReport(document: ClusterDocument, index: number, holder: number | null, epoch = 1): NodeReport {
  const { nodes } = document;
  const self = nodes[index]?.nodeId ?? nodeId(0);
  const successor = nodes[(index + 1) % nodes.length]?.nodeId ?? self;
  return {
    clusterId: document.clusterId,
    nodeId: self,
    at: at(60),
    agentVersion: "0.1.0",
    incarnation: 1,
    documentVersion: document.version,
    groups: document.groups.map((group) => ({
      name: group.name,
      state: index === holder ? "operational" : "standby",
      epoch,
      holder: holder === null ? null : (nodes[holder]?.nodeId ?? null),
    })),
    peers: nodes.filter((node) => node.nodeId !== self).map((node) => ({ nodeId: node.nodeId, reachable: true, lastHeardMs: 48 })),
    dataSets: [following(successor === self ? {} : { syncingWith: { nodeId: successor, expected: true } })],
  };
}

export function following(more: Partial<DataSetStatus> = {}): DataSetStatus {
  return { name: "crm", phase: "following", vector: {}, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0, ...more };
}

/** The first node was killed: its last report still says that it is operational, the others bypass it, the second has taken over. */
export function takenOverSample(options: SampleOptions): Observation {
  const healthy = healthySample(options);
  const { document } = healthy;
  const killed = document.nodes[0]?.nodeId ?? nodeId(0);
  const last = document.nodes.length - 1;
  const reports = healthy.reports.map((report, index) => {
    if (index === 0) return report;
    const fresh = sampleReport(document, index, 1, 2);
    const peers = fresh.peers.map((peer) => (peer.nodeId === killed ? { ...peer, reachable: false, lastHeardMs: 12_480 } : peer));
    const bypass = { nodeId: document.nodes[1]?.nodeId ?? killed, expected: false };
    return { ...fresh, peers, dataSets: index === last ? [following({ syncingWith: bypass })] : fresh.dataSets };
  });
  const second = document.nodes[1]?.nodeId ?? killed;
  return {
    document,
    reports,
    presence: healthy.presence.map((one) => (one.nodeId === killed ? { ...one, connected: false, since: at(122.71) } : one)),
    events: [
      sampleEvent(document, second, 123.12, {
        kind: "group.takeover",
        group: defaultGroup,
        epoch: 2,
        from: killed,
        silentMs: 480,
        released: null,
        votes: 2,
        voters: 3,
        startedInMs: 212,
        behind: 0,
      }),
      sampleEvent(document, document.nodes[last]?.nodeId ?? second, 122.94, {
        kind: "replication.bypass",
        dataSet: "crm",
        expected: killed,
        using: second,
        reason: "node-a does not answer",
      }),
      sampleEvent(document, second, 122.64, { kind: "node.silent", node: killed, silentMs: 420, cause: "heartbeats-missed" }),
      sampleEvent(document, second, 41.203, {
        kind: "replication.snapshot-finished",
        dataSet: "crm",
        donor: killed,
        rows: 15_607,
        durationMs: 1_840,
      }),
      sampleEvent(document, second, 39.363, { kind: "replication.snapshot-started", dataSet: "crm", donor: killed, bytesTotal: 1_067_008 }),
      ...document.nodes.map((node, index) =>
        sampleEvent(document, node.nodeId, 30 - index * 7, { kind: "node.joined", node: node.nodeId }),
      ),
      sampleEvent(document, killed, 4.018, { kind: "agent.started", incarnation: 1, agentVersion: "0.1.0" }),
    ],
  };
}

export function sampleEvent(document: ClusterDocument, reporter: NodeId, seconds: number, detail: EventDetail): ClusterEvent {
  return {
    eventId: `${reporter}/${seconds}/${detail.kind}` as EventId,
    clusterId: document.clusterId,
    reporter,
    at: at(seconds),
    severity: severityOf[detail.kind],
    detail,
  };
}
