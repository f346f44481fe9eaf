import { createHash } from "node:crypto";
import type { ClusterId, CustomerId, EventId, NodeId } from "../../shared/domain/ids.ts";

/** Primary key: every item of the one table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Index `listing`: only items that some list must show carry these. */
export interface ListingKey {
  readonly listPk: string;
  readonly listSk: string;
}

export const listingIndex = "listing";

/**
 * Seconds since 1970 from which nobody asks for the item any more: AWS removes it at some time after that. The store counts on nothing of it, and looks at the times that its items hold.
 */
export const removableAttribute = "removableAtSeconds";

/** Sort-key prefixes of what lies below a cluster. */
export const below = {
  event: "EVENT#",
  alert: "ALERT#",
  outgoing: "OUTGOING#",
  incident: "INCIDENT#",
  maintenance: "MAINTENANCE#",
  licence: "LICENCE#",
  report: "REPORT#",
  presence: "PRESENCE#",
  hardware: "HARDWARE#",
} as const;

/** Every key of the table, built here and nowhere else. Ids are checked at the edge and hold no `#`. */
export const keyOf = {
  customer: (customer: CustomerId): ItemKey => ({ pk: `CUSTOMER#${customer}`, sk: "CUSTOMER" }),
  cluster: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "DOCUMENT" }),
  certificate: (sha256: string): ItemKey => ({ pk: `CERTIFICATE#${sha256}`, sk: "CERTIFICATE" }),
  event: (cluster: ClusterId, event: EventId): ItemKey => ({ pk: clusterPk(cluster), sk: below.event + event }),
  alert: (cluster: ClusterId, event: EventId): ItemKey => ({ pk: clusterPk(cluster), sk: below.alert + event }),
  outgoingAlert: (cluster: ClusterId, place: string): ItemKey => ({ pk: clusterPk(cluster), sk: below.outgoing + place }),
  /** Notes that every cluster has a summary, and of which form. */
  summariesComplete: { pk: "SUMMARIES", sk: "COMPLETE" },
  summary: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "SUMMARY" }),
  incidentBook: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "INCIDENTS" }),
  incident: (cluster: ClusterId, number: number): ItemKey => ({ pk: clusterPk(cluster), sk: below.incident + sortable(number) }),
  alertSettings: (customer: CustomerId): ItemKey => ({ pk: `CUSTOMER#${customer}`, sk: "ALERT-SETTINGS" }),
  maintenance: (customer: CustomerId, windowId: string): ItemKey => ({ pk: `CUSTOMER#${customer}`, sk: below.maintenance + windowId }),
  licence: (cluster: ClusterId, licenceId: string): ItemKey => ({ pk: clusterPk(cluster), sk: below.licence + licenceId }),
  report: (cluster: ClusterId, node: NodeId): ItemKey => ({ pk: clusterPk(cluster), sk: below.report + node }),
  presence: (cluster: ClusterId, node: NodeId): ItemKey => ({ pk: clusterPk(cluster), sk: below.presence + node }),
  devices: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "DEVICES" }),
  hardware: (cluster: ClusterId, node: NodeId): ItemKey => ({ pk: clusterPk(cluster), sk: below.hardware + node }),
  witness: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "WITNESS" }),
  usageTold: (cluster: ClusterId): ItemKey => ({ pk: clusterPk(cluster), sk: "USAGE-TOLD" }),
  joinToken: (secretSha256: string): ItemKey => ({ pk: `JOIN-TOKEN#${secretSha256}`, sk: "JOIN-TOKEN" }),
  apiKey: (keySha256: string): ItemKey => ({ pk: `API-KEY#${keySha256}`, sk: "API-KEY" }),
  user: (userId: string): ItemKey => ({ pk: `USER#${userId}`, sk: "USER" }),
  auditEntry: (number: number): ItemKey => ({ pk: "AUDIT", sk: `ENTRY#${sortable(number)}` }),
  idempotency: (keySha256: string): ItemKey => ({ pk: `IDEMPOTENCY#${keySha256}`, sk: "IDEMPOTENCY" }),
} as const;

export const listingOf = {
  customers: { listPk: "CUSTOMERS" },
  apiKeys: { listPk: "API-KEYS" },
  users: { listPk: "USERS" },
  auditOf: (customer: CustomerId) => ({ listPk: `AUDIT#${customer}` }),
  clustersOf: (customer: CustomerId) => ({ listPk: `CLUSTERS#${customer}` }),
  eventsOf: (cluster: ClusterId) => ({ listPk: `EVENTS#${cluster}` }),
  summaries: { listPk: "SUMMARIES" },
  tokensOf: (cluster: ClusterId) => ({ listPk: `JOIN-TOKENS#${cluster}` }),
  /** Sparse, all of these: what is done leaves the index. */
  pendingAlerts: { listPk: "PENDING-ALERTS" },
  dueIncidents: { listPk: "DUE-INCIDENTS" },
  outgoingAlerts: { listPk: "OUTGOING-ALERTS" },
  silentNodes: { listPk: "SILENT-NODES" },
  removedClusters: { listPk: "REMOVED-CLUSTERS" },
  removedCustomers: { listPk: "REMOVED-CUSTOMERS" },
} as const;

export function clusterPk(cluster: ClusterId): string {
  return `CLUSTER#${cluster}`;
}

/** Sorts like the number does, as text. */
export function sortableMs(ms: number): string {
  return sortable(Math.trunc(ms));
}

/** The same of a count, up to a thousand million million. */
export function sortable(count: number): string {
  return String(Math.min(Math.max(0, count), 999_999_999_999_999)).padStart(15, "0");
}

/** SHA-256 in hex: how secrets are looked up without being kept. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
