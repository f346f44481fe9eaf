import type { CustomerId } from "../../shared/domain/ids.ts";

export interface Customer {
  readonly customerId: CustomerId;
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}

/** Customers of the provider. Rejects with `StoreUnavailableError` only. */
export interface CustomerStore {
  /** Keeps a new customer. Idempotent for the same id. */
  add(customer: Customer): Promise<void>;
  find(customerId: CustomerId): Promise<Customer | undefined>;
  /** All customers, oldest first. Eventually consistent. */
  list(): Promise<readonly Customer[]>;
}
