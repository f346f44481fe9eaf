import type { Access } from "../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import type { Customer } from "../store/customer-store.ts";
import { Refusal } from "./refusal.ts";

export async function clusterOrRefuse({ stores }: Pick<Dependencies, "stores">, clusterId: ClusterId): Promise<StoredCluster> {
  const cluster = await stores.clusters.find(clusterId);
  if (cluster !== undefined) return cluster;
  throw noSuchCluster(clusterId);
}

export async function customerOrRefuse({ stores }: Pick<Dependencies, "stores">, customerId: CustomerId): Promise<Customer> {
  const customer = await stores.customers.find(customerId);
  if (customer !== undefined) return customer;
  throw noSuchCustomer(customerId);
}

/** Refuses an access to customers that are not there. */
export async function customersOrRefuse(dependencies: Dependencies, { customers }: Access): Promise<void> {
  if (customers !== "all") await Promise.all(customers.map((customerId) => customerOrRefuse(dependencies, customerId)));
}

export function noSuchCluster(clusterId: ClusterId): Refusal {
  return new Refusal("not-found", `there is no cluster ${clusterId}`, "List the customer's clusters to find its id.");
}

export function noSuchCustomer(customerId: CustomerId): Refusal {
  return new Refusal("not-found", `there is no customer ${customerId}`, "List the customers to find its id.");
}
