import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { AlertLevel } from "../../shared/domain/incidents/announce.ts";
import type { Dependencies } from "../dependencies.ts";
import type { AlertSettings } from "../store/alert-settings-store.ts";
import type { Customer } from "../store/customer-store.ts";
import { acknowledgeIncident } from "../use-cases/acknowledge-incident.ts";
import {
  handoverAnswer,
  incidentAnswer,
  type ShownHandover,
  type ShownIncident,
  type ShownWindow,
  windowAnswer,
} from "../use-cases/alert-answers.ts";
import { readAlertHistory } from "../use-cases/alert-history.ts";
import { changeAlertSettings, readAlertSettings } from "../use-cases/alert-settings.ts";
import { type LevelledDeadAlert, listDeadLetters, redriveDeadLetters } from "../use-cases/dead-letters.ts";
import { listIncidents } from "../use-cases/list-incidents.ts";
import { endMaintenance, listMaintenance, type NewMaintenance, planMaintenance } from "../use-cases/maintenance.ts";
import { sendTestAlert } from "../use-cases/send-test-alert.ts";

/** How a customer is told. */
export interface CustomerAlertsView {
  readonly customer: Customer;
  readonly clusters: readonly { readonly clusterId: ClusterId; readonly name: string }[];
  readonly settings: AlertSettings;
  readonly windows: readonly ShownWindow[];
  /** Null where the control plane cannot tell of them. */
  readonly deadLetters: readonly LevelledDeadAlert[] | null;
}

/** A page of a cluster's incidents, and the newest alerts that came of them. */
export interface ClusterAlertsView {
  readonly customer: Customer;
  readonly clusterId: ClusterId;
  readonly clusterName: string;
  readonly incidents: readonly ShownIncident[];
  /** Where older ones follow. */
  readonly next: number | null;
  readonly alerts: readonly ShownHandover[];
}

/** What the pages about alerts read and change; refused like everything that the console changes. */
export interface AlertConsoleData {
  ofCustomer(customerId: CustomerId): Promise<CustomerAlertsView | undefined>;
  ofCluster(clusterId: ClusterId, before: number | undefined): Promise<ClusterAlertsView | undefined>;
  changeSettings(customerId: CustomerId, settings: AlertSettings): Promise<void>;
  plan(customerId: CustomerId, wanted: NewMaintenance): Promise<void>;
  endMaintenance(customerId: CustomerId, windowId: string): Promise<void>;
  /** Null: all of them. */
  redrive(customerId: CustomerId, deliveryId: number | null): Promise<void>;
  acknowledge(clusterId: ClusterId, incident: number): Promise<void>;
  test(clusterId: ClusterId, level: AlertLevel): Promise<void>;
}

const incidentsPerPage = 20;
const alertsShown = 50;

/** On the control plane's own use cases. */
export function alertConsoleData(dependencies: Dependencies): AlertConsoleData {
  const { stores } = dependencies;
  return {
    async ofCustomer(customerId) {
      const customer = await stores.customers.find(customerId);
      if (customer === undefined) return undefined;
      const clusters = await stores.clusters.listOfCustomer(customerId);
      return {
        customer,
        clusters: clusters.map(({ document: { clusterId, name } }) => ({ clusterId, name })),
        settings: await readAlertSettings(dependencies, customerId),
        windows: (await listMaintenance(dependencies, customerId)).map(windowAnswer),
        deadLetters: await listDeadLetters(dependencies, customerId),
      };
    },
    async ofCluster(clusterId, before) {
      const document = (await stores.clusters.find(clusterId))?.document;
      const customer = document === undefined ? undefined : await stores.customers.find(document.customerId);
      if (document === undefined || customer === undefined) return undefined;
      const { incidents, next, names } = await listIncidents(dependencies, clusterId, { limit: incidentsPerPage, before });
      const { alerts } = await readAlertHistory(dependencies, clusterId, { limit: alertsShown });
      return {
        customer,
        clusterId,
        clusterName: document.name,
        incidents: incidents.map((incident) => incidentAnswer(incident, names)),
        next: next ?? null,
        alerts: alerts.map(handoverAnswer),
      };
    },
    async changeSettings(customerId, settings) {
      await changeAlertSettings(dependencies, customerId, settings);
    },
    async plan(customerId, wanted) {
      await planMaintenance(dependencies, customerId, wanted);
    },
    endMaintenance: (customerId, windowId) => endMaintenance(dependencies, customerId, windowId),
    async redrive(customerId, deliveryId) {
      await redriveDeadLetters(dependencies, customerId, deliveryId);
    },
    async acknowledge(clusterId, incident) {
      await acknowledgeIncident(dependencies, clusterId, incident);
    },
    async test(clusterId, level) {
      await sendTestAlert(dependencies, clusterId, level);
    },
  };
}
