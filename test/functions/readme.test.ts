import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keyOf, listingOf } from "../../functions/store/table-keys.ts";
import { clusterSettingList } from "../../shared/config/cluster-settings.ts";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, CustomerId, EventId, NodeId } from "../../shared/domain/ids.ts";
import { clusterSettingsTable } from "../../shared/domain/settings/cluster-setting.ts";

// Cells count, padding does not.
const readme = readFileSync(join(import.meta.dirname, "../../functions/README.md"), "utf8").replaceAll(/ +\|/g, " |");
const [cluster, customer, node, event] = [
  "<clusterId>" as ClusterId,
  "<customerId>" as CustomerId,
  "<nodeId>" as NodeId,
  "<eventId>" as EventId,
];

const cells = (text: string): string => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");

describe("functions/README.md says what the code does", () => {
  it("every setting of a cluster, with its range, default and advice", () => {
    expect(cells(readme)).toContain(cells(clusterSettingsTable(clusterSettingList)));
  });

  it("every key of the table stands in the data model", () => {
    const keys = [
      keyOf.customer(customer),
      keyOf.cluster(cluster),
      keyOf.event(cluster, event),
      keyOf.alert(cluster, event),
      keyOf.outgoingAlert(cluster, "<place>"),
      keyOf.incidentBook(cluster),
      { ...keyOf.incident(cluster, 1), sk: "INCIDENT#<number>" },
      keyOf.alertSettings(customer),
      keyOf.maintenance(customer, "<windowId>"),
      keyOf.licence(cluster, "<licenceId>"),
      keyOf.devices(cluster),
      keyOf.usageTold(cluster),
      keyOf.hardware(cluster, node),
      keyOf.report(cluster, node),
      keyOf.presence(cluster, node),
      keyOf.certificate("<sha256>"),
      keyOf.joinToken("<sha256 of its secret>"),
      keyOf.apiKey("<sha256 of the key>"),
      keyOf.user("<userId>"),
      { ...keyOf.auditEntry(1), sk: "ENTRY#<number>" },
      keyOf.idempotency("<sha256 of caller and key>"),
      keyOf.witness(cluster),
      keyOf.summary(cluster),
      keyOf.summariesComplete,
    ];
    expect(keys).toHaveLength(Object.keys(keyOf).length);
    for (const { pk, sk } of keys) expect(readme).toContain(`| \`${pk}\` | \`${sk}\` |`);
    const listings = [
      listingOf.customers,
      listingOf.apiKeys,
      listingOf.users,
      listingOf.auditOf(customer),
      listingOf.clustersOf(customer),
      listingOf.eventsOf(cluster),
      listingOf.pendingAlerts,
      listingOf.dueIncidents,
      listingOf.outgoingAlerts,
      listingOf.silentNodes,
      listingOf.summaries,
      listingOf.tokensOf(cluster),
    ];
    for (const { listPk } of listings) expect(readme).toContain(`\`${listPk}\``);
  });

  it("limits are those of the configuration", () => {
    expect(readme).toContain(`| request body | ${limits.requestBodyBytesMax / 1_024} KiB |`);
    expect(readme).toContain(`| ${limits.cloudMessageBytesMax / 1_024} KiB |`);
    expect(readme).toContain(`| ${limits.nodesPerClusterMax}, ${limits.groupsPerClusterMax}, ${limits.dataSetsPerClusterMax} |`);
    expect(readme).toContain(`| ${limits.eventsPerMessageMax}, ${limits.eventsPerPageMax} |`);
    expect(readme).toContain(`| ${limits.clustersPerPageMax}, ${limits.clustersPerBulkActionMax} |`);
    expect(readme).toContain(`| customers in a page | ${limits.customersPerPageMax} |`);
    expect(readme).toContain(`| ${limits.apiRequestsPerSecond} a second, after ${limits.apiRequestsBurst} |`);
    expect(readme).toContain(`| ${limits.strangersRequestsPerSecond} a second, after ${limits.strangersRequestsBurst} |`);
    expect(readme).toContain(`| ${limits.usersMax}, ${limits.apiKeysMax}, ${limits.customersPerScopeMax} |`);
    expect(readme).toContain(`one node, ${limits.joinTokenLifetimeSecondsMax / 60} minutes`);
  });
});
