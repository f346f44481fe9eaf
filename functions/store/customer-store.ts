import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";

export interface Customer {
  readonly customerId: CustomerId;
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}

/** Customers of the provider. Rejects with `StoreUnavailableError` only. */
export interface CustomerStore {
  /** Keeps a new customer. Idempotent for the same id; one that was removed does not come back. */
  add(customer: Customer): Promise<void>;
  find(customerId: CustomerId): Promise<Customer | undefined>;
  /** All customers, oldest first. Eventually consistent. */
  list(): Promise<readonly Customer[]>;

  /** Remembers that the customer was given this cluster: once the cluster is there, so that whoever removes the customer cannot miss it. False where the customer is not there any more. */
  noteCluster(customerId: CustomerId, clusterId: ClusterId): Promise<boolean>;
  /** The last one that was noted, whatever has become of it; null where none ever was. Strongly consistent. */
  newestCluster(customerId: CustomerId): Promise<ClusterId | null>;
}
