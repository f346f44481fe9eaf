import type { CustomerId } from "../../../shared/domain/ids.ts";
import type { Health } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { Fleet } from "../../use-cases/read-fleet.ts";
import { countHealths, type FleetFilter, type FleetRow, matches, searchFleet } from "../../use-cases/search-fleet.ts";

export interface FleetView {
  /** Of all clusters that the visitor may see, whatever the filter. */
  readonly counts: Readonly<Record<Health, number>>;
  /** One page of what was found: worst first, then by customer and name. */
  readonly rows: readonly FleetRow[];
  readonly found: number;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** Filtered by the same search: what still needs a cluster. The first few. */
  readonly customersWithoutCluster: readonly { readonly customerId: CustomerId; readonly name: string }[];
  readonly clusterCount: number;
  readonly customerCount: number;
  /** Incidents that nobody has acknowledged, of all clusters. */
  readonly unacknowledged: number;
}

export const rowsPerPage = 50;
const emptyCustomersShown = 10;

/** A page beyond the last is the last: what it showed may have been mended since. */
export function fleetView(fleet: Fleet, filter: FleetFilter, wantedPage: number): FleetView {
  const { customers, clusters } = fleet;
  const found = searchFleet(fleet, filter, "trouble");
  const pages = Math.max(1, Math.ceil(found.length / rowsPerPage));
  const page = Math.min(Math.max(1, wantedPage), pages);
  const search = filter.search.trim().toLowerCase();
  const served = new Set(clusters.map(({ customerId }) => customerId));
  const isFiltered = filter.health !== null || filter.customerId !== null || filter.unacknowledged;
  const without = isFiltered ? [] : customers.filter(({ customerId, name }) => !served.has(customerId) && matches(search, name));
  return {
    counts: countHealths(clusters),
    rows: found.slice((page - 1) * rowsPerPage, page * rowsPerPage),
    found: found.length,
    page,
    pages,
    customersWithoutCluster: without.slice(0, emptyCustomersShown).map(({ customerId, name }) => ({ customerId, name })),
    clusterCount: clusters.length,
    customerCount: customers.length,
    unacknowledged: clusters.reduce((sum, { incidents }) => sum + incidents.unacknowledged, 0),
  };
}
