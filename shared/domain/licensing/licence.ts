import type { ClusterId, CustomerId } from "../ids.ts";

/**
 * What a licence can grant beside its numbers. `replication`: a second node and every later one. `active_cluster_member`: a node may stand in a
 * group's order, and so run its services. `provisioning_master`: a node may be the primary. They are asked when something is added; what runs never asks.
 */
export const entitlementNames = ["replication", "active_cluster_member", "provisioning_master"] as const;
export type Entitlement = (typeof entitlementNames)[number];

/** A server that a licence knows by one of its hardware addresses, in lower case as `02:00:5e:10:00:01`. */
export interface LicensedMember {
  readonly hardwareAddress: string;
  readonly role: "primary" | "secondary";
  /** Absent: all that the licence grants. A primary without `active_cluster_member` keeps configuration and runs no services. */
  readonly entitlements?: readonly Entitlement[];
}

/** What a signed licence says (JWS payload, checked offline). Several licences of one cluster add up. */
export interface Licence {
  readonly schema: 1;
  readonly licenceId: string;
  readonly customerId: CustomerId;
  readonly clusterId: ClusterId;
  /** Nodes that this licence allows; licences stack. */
  readonly nodes: number;
  /** Users and devices that it covers; licences stack. Absent: none. */
  readonly users?: number;
  /** Absent: all of them. */
  readonly entitlements?: readonly Entitlement[];
  /** Which server is the primary; absent or empty: a setting of the cluster says it. */
  readonly members?: readonly LicensedMember[];
  /** It stands in for a licence until the cluster's first one begins, and counts for nothing from then on. */
  readonly trial?: true;
  /** The seller's own number for it. */
  readonly partNumber?: string;
  /** ISO 8601 UTC. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** After `validUntil` all goes on as before for so long, with a warning every day. */
  readonly graceDays: number;
}
