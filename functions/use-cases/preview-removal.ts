import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { MaintenanceWindow } from "../../shared/domain/incidents/maintenance-window.ts";
import { graceEndMs, standingOf } from "../../shared/domain/licensing/licence-term.ts";
import { describeClusterRemoval, describeCustomerRemoval } from "../../shared/domain/monitoring/describe-removal.ts";
import type { RemovalPreview } from "../../shared/protocol/removal-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { listSubscriptions } from "./alert-subscriptions.ts";
import { versionConflict } from "./change-document.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { listJoinTokens } from "./join-tokens.ts";
import { observeCluster } from "./observe-cluster.ts";
import { termOfLicence } from "./read-licences.ts";
import { needsNoName, type RemovalRequest, unlikeName } from "./remove-cluster.ts";
import { removableCustomer } from "./remove-customer.ts";

/** What would follow from `removeCluster`; changes nothing, and leaves no trace. Refuses what that would refuse, but for a name that is missing: it is told instead. */
export async function previewClusterRemoval(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { confirm, expectedVersion }: RemovalRequest,
): Promise<RemovalPreview> {
  const { stores, nowMs } = dependencies;
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const { customerId, name, version } = document;
  if (expectedVersion !== undefined && expectedVersion !== version) throw versionConflict(expectedVersion, version);
  if (confirm !== undefined && confirm !== name) throw unlikeName("cluster", name, confirm);
  const [{ observation }, licences, tokens, { book }, windows, subscriptions] = await Promise.all([
    observeCluster(dependencies, document),
    stores.licences.listOfCluster(clusterId),
    listJoinTokens(dependencies, clusterId),
    stores.incidents.find(clusterId),
    stores.alertSettings.windows(customerId),
    listSubscriptions(dependencies, customerId),
  ]);
  const terms = licences.map(({ licence }) => termOfLicence(licence));
  const consequences = describeClusterRemoval(observation, {
    licences: terms
      .filter((term) => standingOf(term, nowMs()) !== "lapsed")
      .map((term) => ({ licenceId: term.licenceId, until: new Date(graceEndMs(term)).toISOString() })),
    openTokens: tokens.length,
    openIncidents: book.incidents.filter(({ closedMs }) => closedMs === null).length,
    maintenanceWindows: lasting(windows, nowMs()).filter((window) => window.clusterId === clusterId).length,
    subscriptions: subscriptions.filter(({ filter }) => filter?.cluster?.every((one) => one === clusterId) === true).length,
  });
  return { consequences: [...consequences], confirm: needsNoName(document) ? null : name };
}

/** The same of `removeCustomer`. */
export async function previewCustomerRemoval(
  dependencies: Dependencies,
  customerId: CustomerId,
  { confirm }: Pick<RemovalRequest, "confirm">,
): Promise<RemovalPreview> {
  const { name } = await removableCustomer(dependencies, customerId, confirm);
  const [subscriptions, windows] = await Promise.all([
    listSubscriptions(dependencies, customerId),
    dependencies.stores.alertSettings.windows(customerId),
  ]);
  const maintenanceWindows = lasting(windows, dependencies.nowMs()).length;
  const consequences = describeCustomerRemoval({ name, subscriptions: subscriptions.length, maintenanceWindows });
  return { consequences: [...consequences], confirm: null };
}

function lasting(windows: readonly MaintenanceWindow[], nowMs: number): readonly MaintenanceWindow[] {
  return windows.filter(({ endsMs }) => endsMs > nowMs);
}
