import type { Access } from "../../shared/domain/access/access.ts";
import type { Health } from "../../shared/domain/monitoring/cluster-status.ts";
import type { FleetQuery } from "../../shared/protocol/fleet-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { pageOf } from "./list-page.ts";
import { readFleet } from "./read-fleet.ts";
import { countHealths, type FleetRow, placeOf, searchFleet } from "./search-fleet.ts";

export interface ClusterPage {
  readonly clusters: readonly FleetRow[];
  /** Of all that the caller may see, whatever was asked for. */
  readonly counts: Readonly<Record<Health, number>>;
  readonly found: number;
  readonly next?: string;
}

/** A page of the clusters that somebody may see. */
export async function listClusters(
  dependencies: Pick<Dependencies, "stores">,
  access: Access,
  { q, health, customerId, incidents, order, limit, after }: FleetQuery,
): Promise<ClusterPage> {
  const fleet = await readFleet(dependencies, access);
  const filter = { search: q, health: health ?? null, customerId: customerId ?? null, unacknowledged: incidents === "unacknowledged" };
  const found = searchFleet(fleet, filter, order);
  const { entries, ...rest } = pageOf(found, (row) => placeOf(row, order), { limit, after });
  return { clusters: entries, counts: countHealths(fleet.clusters), found: found.length, ...rest };
}
