import { type Access, reaches } from "../../shared/domain/access/access.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { listCustomers } from "./list-customers.ts";

/** Customers, oldest first, and the summaries of all their clusters, in no order. */
export interface Fleet {
  readonly customers: readonly Customer[];
  readonly clusters: readonly ClusterSummary[];
}

/** All that somebody may see. */
export async function readFleet(dependencies: Pick<Dependencies, "stores">, access: Access): Promise<Fleet> {
  const [customers, clusters] = await Promise.all([listCustomers(dependencies, access), dependencies.stores.summaries.list()]);
  return { customers, clusters: access.customers === "all" ? clusters : clusters.filter(({ customerId }) => reaches(access, customerId)) };
}
