import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import type { Customer } from "../store/customer-store.ts";
import { Refusal } from "./refusal.ts";

export async function clusterOrRefuse({ stores }: Dependencies, clusterId: ClusterId): Promise<StoredCluster> {
  const cluster = await stores.clusters.find(clusterId);
  if (cluster !== undefined) return cluster;
  throw new Refusal("not-found", `there is no cluster ${clusterId}`, "List the customer's clusters to find its id.");
}

export async function customerOrRefuse({ stores }: Dependencies, customerId: CustomerId): Promise<Customer> {
  const customer = await stores.customers.find(customerId);
  if (customer !== undefined) return customer;
  throw new Refusal("not-found", `there is no customer ${customerId}`, "List the customers to find its id.");
}
