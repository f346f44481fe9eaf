import type { z } from "zod";
import type { Access } from "../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId, NodeId } from "../../shared/domain/ids.ts";
import type { DataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import type { createClusterSchema } from "../../shared/protocol/api-contract.ts";
import type { BulkAction } from "../../shared/protocol/fleet-contract.ts";
import type { issueLicenceSchema } from "../../shared/protocol/licence-contract.ts";
import type { ApiKey } from "../store/api-key-store.ts";
import type { Customer } from "../store/customer-store.ts";
import type { EventPage } from "../store/event-store.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import type { User } from "../store/user-store.ts";
import type { BulkOutcome } from "../use-cases/act-on-clusters.ts";
import type { LevelledSubscription, NewSubscription } from "../use-cases/alert-subscriptions.ts";
import type { NewApiKey } from "../use-cases/api-keys.ts";
import type { ApprovalStanding } from "../use-cases/approvals.ts";
import type { DataSetTarget } from "../use-cases/change-data-set.ts";
import type { CloudWitnessChoice } from "../use-cases/choose-cloud-witness.ts";
import type { OpenToken } from "../use-cases/join-tokens.ts";
import type { Observed } from "../use-cases/observe-cluster.ts";
import type { GroupOrder } from "../use-cases/order-group.ts";
import type { AuditPageOptions, CheckedAuditPage } from "../use-cases/read-audit-log.ts";
import type { AvailabilityReport } from "../use-cases/read-availability.ts";
import type { Fleet } from "../use-cases/read-fleet.ts";
import type { Refusal } from "../use-cases/refusal.ts";
import type { AskedFor } from "../use-cases/refused-requests.ts";
import type { AlertConsoleData } from "./alert-console-data.ts";
import type { ClusterChangeData } from "./cluster-change-data.ts";
import type { LicenceConsoleData } from "./licence-console-data.ts";
import type { RemovalConsoleData } from "./removal-console-data.ts";
import type { Session } from "./session.ts";
import type { TriggerConsoleData } from "./trigger-console-data.ts";

/** The control plane, as the console's visitors meet it. */
export interface ConsoleSource {
  /** Whose the cluster is. */
  customerOf(clusterId: ClusterId): Promise<CustomerId | undefined>;
  /** For one visitor: lists hold what they may see, changes are made in their name. `requestId`: of this request, for the audit log. */
  for(visitor: Visitor, requestId: string): ConsoleData;
  /** Writes into the audit log what the visitor was refused. */
  noteRefused(visitor: Visitor, request: VisitorsRequest, refusal: Refusal): Promise<void>;
}

export type Visitor = Pick<Session, "userId" | "email" | "access">;
export type VisitorsRequest = Omit<AskedFor, "actor" | "access"> & { readonly requestId: string };

/**
 * What the pages show and change: reads gathered for a page, and the use cases behind its forms. What the customer can mend is
 * thrown as a `Refusal` (use-cases/refusal.ts); anything else becomes the error page.
 */
export interface ConsoleData {
  /** The visitor's customers with all their clusters. */
  fleet(): Promise<Fleet>;
  customer(customerId: CustomerId): Promise<Customer | undefined>;
  cluster(clusterId: ClusterId): Promise<ObservedCluster | undefined>;
  events(clusterId: ClusterId, page: { readonly limit: number; readonly from?: string }): Promise<EventPage | "bad-position">;
  /** How many nodes the cluster's licences allow now. */
  licensedNodes(clusterId: ClusterId): Promise<number>;
  licences(clusterId: ClusterId): Promise<readonly StoredLicence[]>;
  readonly licensing: LicenceConsoleData;
  readonly alerting: AlertConsoleData;
  readonly triggering: TriggerConsoleData;
  readonly changing: ClusterChangeData;
  readonly removing: RemovalConsoleData;
  subscriptions(customerId: CustomerId): Promise<readonly LevelledSubscription[]>;

  users(): Promise<readonly User[]>;
  apiKeys(): Promise<readonly ApiKey[]>;
  /** Of the customer, or of all. */
  audit(customerId: CustomerId | null, page: AuditPageOptions): Promise<CheckedAuditPage>;
  /** Of a month (`2026-11`), or of the present one. */
  availability(of: AvailabilitySubject, month?: string): Promise<AvailabilityReport>;
  /** All that the visitor may see. */
  allCustomers(): Promise<readonly Customer[]>;

  /** For each what became of it; for one that the visitor may not see that it is not there. */
  actOnClusters(clusterIds: readonly ClusterId[], action: BulkAction): Promise<readonly BulkOutcome[]>;
  createCustomer(name: string): Promise<CustomerId>;
  createCluster(customerId: CustomerId, cluster: NewCluster): Promise<ClusterId>;
  /** With `nodeId`: one that gives this member another certificate. */
  createJoinToken(clusterId: ClusterId, role: MemberRole, nodeId?: NodeId): Promise<{ readonly token: string; readonly expiresAt: string }>;
  /** Those that a node may still join with. */
  joinTokens(clusterId: ClusterId): Promise<readonly OpenToken[]>;
  /** Who has to approve dangerous changes, and what waits for that. */
  approval(clusterId: ClusterId): Promise<ApprovalStanding>;
  withdrawJoinToken(clusterId: ClusterId, tokenId: string): Promise<void>;
  chooseCloudWitness(clusterId: ClusterId, choice: CloudWitnessChoice): Promise<void>;
  orderGroup(order: GroupOrder): Promise<void>;
  changeWhenAlone(clusterId: ClusterId, whenAlone: WhenAlone): Promise<void>;
  /** As it is declared, or by what it is refused; with `isCheck` nothing is changed. `expectedVersion`: of the document that the visitor has seen. */
  declareDataSet(target: DataSetTarget, dataSet: DataSet, isCheck: boolean): Promise<void>;
  issueLicence(clusterId: ClusterId, licence: NewLicence): Promise<void>;
  subscribe(customerId: CustomerId, subscription: NewSubscription): Promise<void>;
  createUser(wanted: { readonly email: string; readonly access: Access }): Promise<{ readonly user: User; readonly password: string }>;
  changeUser(userId: string, access: Access): Promise<void>;
  resetPassword(userId: string): Promise<{ readonly user: User; readonly password: string }>;
  removeUser(userId: string): Promise<void>;
  createApiKey(wanted: NewApiKey): Promise<{ readonly apiKey: ApiKey; readonly secret: string }>;
  revokeApiKey(keyId: string): Promise<void>;
}

export type AvailabilitySubject = { readonly customerId: CustomerId } | { readonly clusterId: ClusterId };

export interface ObservedCluster extends Observed {
  readonly customer: Customer;
}

/** As the API takes them. */
export type NewCluster = z.infer<typeof createClusterSchema>;
export type NewLicence = z.infer<typeof issueLicenceSchema>;
