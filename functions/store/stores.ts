import type { AlertInboxStore } from "./alert-inbox-store.ts";
import type { AlertSettingsStore } from "./alert-settings-store.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import type { AuditStore } from "./audit-store.ts";
import type { ClusterStore } from "./cluster-store.ts";
import type { CustomerStore } from "./customer-store.ts";
import type { EventStore } from "./event-store.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { LicenceBasisStore } from "./licence-basis-store.ts";
import type { LicenceStore } from "./licence-store.ts";
import type { OutgoingAlertStore } from "./outgoing-alert-store.ts";
import type { PresenceStore } from "./presence-store.ts";
import type { RemovalStore } from "./removal-store.ts";
import type { ReportStore } from "./report-store.ts";
import type { SummaryStore } from "./summary-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { UserStore } from "./user-store.ts";
import type { WitnessStore } from "./witness-store.ts";

/** Everything that the control plane keeps. */
export interface Stores {
  readonly customers: CustomerStore;
  readonly clusters: ClusterStore;
  readonly events: EventStore;
  readonly alertInbox: AlertInboxStore;
  readonly incidents: IncidentStore;
  readonly summaries: SummaryStore;
  readonly outgoingAlerts: OutgoingAlertStore;
  readonly alertSettings: AlertSettingsStore;
  readonly licences: LicenceStore;
  readonly licenceBasis: LicenceBasisStore;
  readonly tokens: TokenStore;
  readonly reports: ReportStore;
  readonly presence: PresenceStore;
  readonly apiKeys: ApiKeyStore;
  readonly users: UserStore;
  readonly audit: AuditStore;
  readonly idempotency: IdempotencyStore;
  readonly witness: WitnessStore;
  readonly removals: RemovalStore;
}
