import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";

/** What stays of a cluster that was removed: that its id was there, so that it is never used again. */
export interface ClusterRemoval {
  readonly clusterId: ClusterId;
  readonly customerId: CustomerId;
  /** ISO 8601 UTC. */
  readonly removedAt: string;
  /** SHA-256 of its members' certificates (DER), hex: whose they were is deleted by them. */
  readonly certificates: readonly string[];
}

/** The same of a customer. */
export interface CustomerRemoval {
  readonly customerId: CustomerId;
  /** ISO 8601 UTC. */
  readonly removedAt: string;
}

/**
 * Clusters and customers that were removed. A note in the place of the document, or of the customer, makes it be gone at once and whole, for whoever asks; what else is stored of it is deleted
 * after that, some at a time, by whoever comes by: nothing of it can be found meanwhile but by its own key. Rejects with `StoreUnavailableError` only.
 */
export interface RemovalStore {
  /** Only where the document is of this version: false, and nothing is changed, where somebody else has changed or removed the cluster since. */
  removeCluster(removal: ClusterRemoval, version: number): Promise<boolean>;
  /** Only while this is the newest cluster that the customer was given (`CustomerStore.newestCluster`); false where the customer is not there, either. */
  removeCustomer(removal: CustomerRemoval, newestCluster: ClusterId | null): Promise<boolean>;
  /** Strongly consistent. Undefined of one that is there, and of one that never was. */
  findCluster(clusterId: ClusterId): Promise<ClusterRemoval | undefined>;
  findCustomer(customerId: CustomerId): Promise<CustomerRemoval | undefined>;

  /** Deletes up to so many of what is stored of it, but for its summary (`SummaryStore.remove`). How many there were: 0 where nothing is left. */
  clearCluster(removal: ClusterRemoval, limit: number): Promise<number>;
  clearCustomer(removal: CustomerRemoval, limit: number): Promise<number>;

  /** Those that are not finished, the oldest first. Eventually consistent. */
  unfinishedClusters(limit: number): Promise<readonly ClusterRemoval[]>;
  unfinishedCustomers(limit: number): Promise<readonly CustomerRemoval[]>;
  /** Nobody needs to come by any more; takes the summary too, which has told every list of the removal by then. Idempotent. */
  finishCluster(removal: ClusterRemoval): Promise<void>;
  finishCustomer(removal: CustomerRemoval): Promise<void>;
}
