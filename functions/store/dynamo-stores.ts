import { DynamoAlertInboxStore } from "./dynamo-alert-inbox-store.ts";
import { DynamoAlertSettingsStore } from "./dynamo-alert-settings-store.ts";
import { DynamoApiKeyStore } from "./dynamo-api-key-store.ts";
import { DynamoAuditStore } from "./dynamo-audit-store.ts";
import { DynamoClusterStore } from "./dynamo-cluster-store.ts";
import { DynamoCustomerStore } from "./dynamo-customer-store.ts";
import { DynamoEventStore } from "./dynamo-event-store.ts";
import { DynamoIdempotencyStore } from "./dynamo-idempotency-store.ts";
import { DynamoIncidentStore } from "./dynamo-incident-store.ts";
import { DynamoLicenceBasisStore } from "./dynamo-licence-basis-store.ts";
import { DynamoLicenceStore } from "./dynamo-licence-store.ts";
import { DynamoOutgoingAlertStore } from "./dynamo-outgoing-alert-store.ts";
import { DynamoPresenceStore } from "./dynamo-presence-store.ts";
import { DynamoRemovalStore } from "./dynamo-removal-store.ts";
import { DynamoReportStore } from "./dynamo-report-store.ts";
import { DynamoSummaryStore } from "./dynamo-summary-store.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import { DynamoTokenStore } from "./dynamo-token-store.ts";
import { DynamoUserStore } from "./dynamo-user-store.ts";
import { DynamoWitnessStore } from "./dynamo-witness-store.ts";
import type { Stores } from "./stores.ts";

/** All stores on the one table. `nowMs`: the clock that what is written is dated by. */
export function dynamoStores(table: DynamoTable, nowMs: () => number = Date.now): Stores {
  return {
    customers: new DynamoCustomerStore(table),
    clusters: new DynamoClusterStore(table),
    events: new DynamoEventStore(table),
    alertInbox: new DynamoAlertInboxStore(table),
    incidents: new DynamoIncidentStore(table),
    summaries: new DynamoSummaryStore(table, nowMs),
    outgoingAlerts: new DynamoOutgoingAlertStore(table),
    alertSettings: new DynamoAlertSettingsStore(table),
    licences: new DynamoLicenceStore(table),
    licenceBasis: new DynamoLicenceBasisStore(table),
    tokens: new DynamoTokenStore(table),
    reports: new DynamoReportStore(table),
    presence: new DynamoPresenceStore(table),
    apiKeys: new DynamoApiKeyStore(table),
    users: new DynamoUserStore(table),
    audit: new DynamoAuditStore(table),
    idempotency: new DynamoIdempotencyStore(table),
    witness: new DynamoWitnessStore(table),
    removals: new DynamoRemovalStore(table),
  };
}
