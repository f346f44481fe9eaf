import type { ClusterId, CustomerId } from "../ids.ts";
import { type Incident, severityOfIncident } from "../incidents/incident.ts";
import type { UsageLevel } from "../licensing/capacity.ts";
import type { LicenceState } from "../licensing/licence-course.ts";
import { pathsOf } from "../membership/lan-path.ts";
import { clusterStatus, type Health } from "./cluster-status.ts";
import { isAlive, type NodeCondition } from "./node-status.ts";
import type { Observation } from "./observation.ts";

/** A cluster as a list of thousands shows it, and as a search finds it. Small, and kept up to date where its truth changes. */
export interface ClusterSummary {
  readonly clusterId: ClusterId;
  readonly customerId: CustomerId;
  readonly status: StatusSummary;
  readonly incidents: IncidentSummary;
  readonly licence: LicenceSummary;
  /** When anything of it was last another, by the control plane's clock, ISO 8601 UTC. */
  readonly changedAt: string;
}

export interface StatusSummary {
  readonly name: string;
  readonly health: Health;
  /** One sentence for people: the worst problem, or that all is well. */
  readonly reason: string;
  /** Since when this health holds, ISO 8601 UTC; null where nobody knows. */
  readonly since: string | null;
  readonly problems: number;
  /** In the ring's order. */
  readonly nodes: readonly NodeSummary[];
  /** Names of the nodes that are operational for some group, each once. */
  readonly operational: readonly string[];
  /** Of its nodes and of its groups, without prefix lengths: what somebody who knows only an address looks for. */
  readonly addresses: readonly string[];
}

export interface NodeSummary {
  readonly name: string;
  readonly condition: NodeCondition;
  readonly isUp: boolean;
}

/** Of the incidents that go on, or may. */
export interface IncidentSummary {
  readonly open: number;
  readonly unacknowledged: number;
  readonly critical: number;
}

/** As `LicenceStandingBody` (shared/protocol/licence-contract.ts) has it. */
export interface LicenceSummary {
  readonly state: LicenceState;
  readonly trial: boolean;
  /** What it becomes where nothing is done, and when. */
  readonly next: { readonly state: LicenceState; readonly at: string } | null;
  readonly usage: UsageLevel;
  readonly nodes: { readonly used: number; readonly licensed: number };
  readonly users: { readonly required: number; readonly licensed: number };
}

export function statusSummary(observation: Observation): StatusSummary {
  const { document } = observation;
  const status = clusterStatus(observation);
  const holders = new Set(status.groups.map((group) => group.holder));
  return {
    name: document.name,
    health: status.health,
    reason: status.reason,
    since: status.since,
    problems: status.problems.length,
    nodes: status.nodes.map((node) => ({ name: node.name, condition: node.condition, isUp: isAlive(node) })),
    operational: status.nodes.filter((node) => holders.has(node.nodeId)).map((node) => node.name),
    addresses: addressesOf(observation),
  };
}

export function incidentSummary(incidents: readonly Incident[]): IncidentSummary {
  const open = incidents.filter(({ closedMs }) => closedMs === null);
  return {
    open: open.length,
    unacknowledged: open.filter(({ acknowledged }) => acknowledged === null).length,
    critical: open.filter((incident) => severityOfIncident(incident) === "critical").length,
  };
}

function addressesOf({ document }: Observation): readonly string[] {
  const hosts = document.nodes.flatMap((node) => pathsOf(node).map(({ host }) => host));
  const virtual = document.groups.flatMap(({ resources }) =>
    resources.flatMap((resource) => (resource.kind === "address" ? [resource.address.split("/")[0] ?? ""] : [])),
  );
  return [...new Set([...virtual, ...hosts])];
}
