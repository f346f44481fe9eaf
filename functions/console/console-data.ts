import type { z } from "zod";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import type { Observation } from "../../shared/domain/monitoring/observation.ts";
import type { createClusterSchema, issueLicenceSchema } from "../../shared/protocol/api-contract.ts";
import type { Subscription, SubscriptionRequest } from "../notify/notifier.ts";
import type { Customer } from "../store/customer-store.ts";
import type { EventPage } from "../store/event-store.ts";
import type { StoredLicence } from "../store/licence-store.ts";

/**
 * What the pages show and change: reads gathered for a page, and the use cases behind its forms. What the customer can mend is
 * thrown as a `Refusal` (use-cases/refusal.ts); anything else becomes the error page.
 */
export interface ConsoleData {
  /** All customers with all their clusters. */
  fleet(): Promise<readonly CustomerFleet[]>;
  customer(customerId: CustomerId): Promise<CustomerFleet | undefined>;
  cluster(clusterId: ClusterId): Promise<ObservedCluster | undefined>;
  events(clusterId: ClusterId, page: { readonly limit: number; readonly from?: string }): Promise<EventPage | "bad-position">;
  /** How many nodes the cluster's licences allow now. */
  licensedNodes(clusterId: ClusterId): Promise<number>;
  licences(clusterId: ClusterId): Promise<readonly StoredLicence[]>;
  subscriptions(customerId: CustomerId): Promise<readonly Subscription[]>;

  createCustomer(name: string): Promise<CustomerId>;
  createCluster(customerId: CustomerId, cluster: NewCluster): Promise<ClusterId>;
  createJoinToken(clusterId: ClusterId, role: MemberRole): Promise<{ readonly token: string; readonly expiresAt: string }>;
  changeWhenAlone(clusterId: ClusterId, whenAlone: WhenAlone): Promise<void>;
  issueLicence(clusterId: ClusterId, licence: NewLicence): Promise<void>;
  subscribe(customerId: CustomerId, subscription: SubscriptionRequest): Promise<void>;
}

export interface CustomerFleet {
  readonly customer: Customer;
  readonly clusters: readonly ObservedCluster[];
}

export interface ObservedCluster {
  readonly customer: Customer;
  readonly observation: Observation;
  /** When the cloud received each node's newest report, ISO 8601 UTC. */
  readonly reportedAt: ReadonlyMap<string, string>;
}

/** As the API takes them. */
export type NewCluster = z.infer<typeof createClusterSchema>;
export type NewLicence = z.infer<typeof issueLicenceSchema>;
