import type { CustomerId } from "../../shared/domain/ids.ts";
import { type Health, healthsByUrgency } from "../../shared/domain/monitoring/cluster-status.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import { comparePlaces, type Place } from "./list-page.ts";
import type { Fleet } from "./read-fleet.ts";

export interface FleetFilter {
  /** Part of the name of a customer, a cluster or a node, or of an address or an id; upper and lower case are the same. Empty: everything. */
  readonly search: string;
  readonly health: Health | null;
  readonly customerId: CustomerId | null;
  /** Only clusters with an incident that nobody has acknowledged. */
  readonly unacknowledged: boolean;
}

export const noFilter: FleetFilter = { search: "", health: null, customerId: null, unacknowledged: false };

/** A cluster in the fleet's list. */
export interface FleetRow extends ClusterSummary {
  readonly customerName: string;
}

/** By what the list is sorted: `trouble` is what needs somebody first, `id` stays as it is while healths change. */
export type FleetOrder = "trouble" | "id";

export function placeOf({ status, customerName, clusterId }: FleetRow, order: FleetOrder): Place {
  return order === "id" ? [clusterId] : [healthsByUrgency.indexOf(status.health), customerName, status.name, clusterId];
}

/** The clusters that the filter lets through, in the order. */
export function searchFleet({ customers, clusters }: Fleet, filter: FleetFilter, order: FleetOrder): readonly FleetRow[] {
  const names = new Map(customers.map(({ customerId, name }) => [customerId, name]));
  const wanted = filter.search.trim().toLowerCase();
  const found = clusters.flatMap((summary): [Place, FleetRow][] => {
    if (!isWanted(summary, filter)) return [];
    const row = { ...summary, customerName: names.get(summary.customerId) ?? summary.customerId };
    return wanted === "" || isNamed(row, wanted) ? [[placeOf(row, order), row]] : [];
  });
  return found.toSorted(([one], [other]) => comparePlaces(one, other)).map(([, row]) => row);
}

export function matches(wanted: string, name: string): boolean {
  return name.toLowerCase().includes(wanted);
}

export function countHealths(clusters: readonly ClusterSummary[]): Readonly<Record<Health, number>> {
  const counts = { down: 0, degraded: 0, unknown: 0, empty: 0, ok: 0 };
  for (const { status } of clusters) counts[status.health] += 1;
  return counts;
}

function isWanted({ status, customerId, incidents }: ClusterSummary, filter: FleetFilter): boolean {
  if (filter.health !== null && status.health !== filter.health) return false;
  if (filter.customerId !== null && customerId !== filter.customerId) return false;
  return !filter.unacknowledged || incidents.unacknowledged > 0;
}

function isNamed({ status, customerName, clusterId }: FleetRow, wanted: string): boolean {
  return (
    matches(wanted, status.name) ||
    matches(wanted, customerName) ||
    status.nodes.some(({ name }) => matches(wanted, name)) ||
    status.addresses.some((address) => matches(wanted, address)) ||
    matches(wanted, clusterId)
  );
}
