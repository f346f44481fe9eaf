import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { type ClusterStatus, clusterStatus, type Health, healthsByUrgency } from "../../../shared/domain/monitoring/cluster-status.ts";
import { isAlive } from "../../../shared/domain/monitoring/node-status.ts";
import type { CustomerFleet } from "../console-data.ts";

export interface FleetView {
  readonly counts: Readonly<Record<Health, number>>;
  /** Worst first, then by customer and name; filtered. */
  readonly rows: readonly FleetRow[];
  /** Filtered by the same search: what still needs a cluster. */
  readonly customersWithoutCluster: readonly { readonly customerId: CustomerId; readonly name: string }[];
  readonly clusterCount: number;
  readonly customerCount: number;
}

export interface FleetRow {
  readonly clusterId: ClusterId;
  readonly name: string;
  readonly customerId: CustomerId;
  readonly customerName: string;
  readonly status: ClusterStatus;
  /** Names of the nodes that are operational for some group, each once. */
  readonly operational: readonly string[];
  readonly nodesUp: number;
}

export interface FleetFilter {
  /** Part of a customer's, cluster's or node's name; upper and lower case are the same. */
  readonly search: string;
  readonly health: Health | null;
}

export function fleetView(fleet: readonly CustomerFleet[], filter: FleetFilter): FleetView {
  const all = fleet.flatMap(rowsOf);
  const wanted = filter.search.trim().toLowerCase();
  const matches = (...names: readonly string[]) => wanted === "" || names.some((name) => name.toLowerCase().includes(wanted));
  const rows = all
    .filter((row) => filter.health === null || row.status.health === filter.health)
    .filter((row) => matches(row.name, row.customerName, ...row.status.nodes.map((node) => node.name)))
    .toSorted(byTrouble);
  return {
    counts: {
      down: countOf(all, "down"),
      degraded: countOf(all, "degraded"),
      unknown: countOf(all, "unknown"),
      empty: countOf(all, "empty"),
      ok: countOf(all, "ok"),
    },
    rows,
    customersWithoutCluster: fleet
      .filter(({ customer, clusters }) => clusters.length === 0 && filter.health === null && matches(customer.name))
      .map(({ customer }) => ({ customerId: customer.customerId, name: customer.name })),
    clusterCount: all.length,
    customerCount: fleet.length,
  };
}

export function rowsOf({ customer, clusters }: CustomerFleet): readonly FleetRow[] {
  return clusters.map(({ observation }) => {
    const status = clusterStatus(observation);
    const holders = new Set(status.groups.map((group) => group.holder));
    return {
      clusterId: observation.document.clusterId,
      name: observation.document.name,
      customerId: customer.customerId,
      customerName: customer.name,
      status,
      operational: status.nodes.filter((node) => holders.has(node.nodeId)).map((node) => node.name),
      nodesUp: status.nodes.filter(isAlive).length,
    };
  });
}

export function byTrouble(a: FleetRow, b: FleetRow): number {
  const urgency = healthsByUrgency.indexOf(a.status.health) - healthsByUrgency.indexOf(b.status.health);
  return urgency || a.customerName.localeCompare(b.customerName, "en") || a.name.localeCompare(b.name, "en");
}

function countOf(rows: readonly FleetRow[], health: Health): number {
  return rows.filter((row) => row.status.health === health).length;
}
