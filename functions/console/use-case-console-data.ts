import { limits } from "../../shared/config/limits.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import type { Customer } from "../store/customer-store.ts";
import { listSubscriptions, subscribeAlerts } from "../use-cases/alert-subscriptions.ts";
import { changeWhenAlone } from "../use-cases/change-when-alone.ts";
import { createCluster } from "../use-cases/create-cluster.ts";
import { createCustomer } from "../use-cases/create-customer.ts";
import { createJoinToken } from "../use-cases/create-join-token.ts";
import { issueLicence } from "../use-cases/issue-licence.ts";
import { readLicensedNodes } from "../use-cases/read-licences.ts";
import type { ConsoleData, CustomerFleet, ObservedCluster } from "./console-data.ts";

/** Enough to tell since when things are as they are; older beginnings are shown as unknown. */
const recentEvents = 50;

/** The console on the control plane's own stores and use cases: a form does exactly what the API does. */
export function useCaseConsoleData(dependencies: Dependencies): ConsoleData {
  const { stores } = dependencies;

  async function observe(customer: Customer, cluster: StoredCluster): Promise<ObservedCluster> {
    const { clusterId } = cluster.document;
    const [reports, presence, events] = await Promise.all([
      stores.reports.listOfCluster(clusterId),
      stores.presence.listOfCluster(clusterId),
      stores.events.page(clusterId, { limit: recentEvents }),
    ]);
    const members = new Set(membersOf(cluster.document).map((node) => node.nodeId));
    return {
      customer,
      observation: {
        document: cluster.document,
        reports: reports.map(({ report }) => report).filter((report) => members.has(report.nodeId)),
        presence: presence.filter((one) => members.has(one.nodeId)),
        events: events === "bad-position" ? [] : events.events,
      },
      reportedAt: new Map(reports.map(({ report, receivedAt }) => [report.nodeId, receivedAt])),
    };
  }

  async function fleetOf(customer: Customer): Promise<CustomerFleet> {
    const clusters = await stores.clusters.listOfCustomer(customer.customerId);
    return { customer, clusters: await Promise.all(clusters.map((cluster) => observe(customer, cluster))) };
  }

  return {
    async fleet() {
      const customers = await stores.customers.list();
      return Promise.all(customers.map(fleetOf));
    },
    async customer(customerId: CustomerId) {
      const customer = await stores.customers.find(customerId);
      return customer === undefined ? undefined : fleetOf(customer);
    },
    async cluster(clusterId) {
      const cluster = await stores.clusters.find(clusterId);
      if (cluster === undefined) return undefined;
      const customer = await stores.customers.find(cluster.document.customerId);
      return customer === undefined ? undefined : observe(customer, cluster);
    },
    events: (clusterId, page) => stores.events.page(clusterId, page),
    licences: (clusterId) => stores.licences.listOfCluster(clusterId),
    licensedNodes: (clusterId) => readLicensedNodes(dependencies, clusterId),
    subscriptions: (customerId) => listSubscriptions(dependencies, customerId),

    async createCustomer(name) {
      const customer = await createCustomer(dependencies, { name });
      return customer.customerId;
    },
    async createCluster(customerId, cluster) {
      const { document } = await createCluster(dependencies, customerId, cluster);
      return document.clusterId;
    },
    createJoinToken: (clusterId, role) =>
      createJoinToken(dependencies, clusterId, { role, lifetimeSeconds: limits.joinTokenLifetimeSecondsMax }),
    async changeWhenAlone(clusterId, whenAlone) {
      await changeWhenAlone(dependencies, clusterId, whenAlone);
    },
    async issueLicence(clusterId, licence) {
      await issueLicence(dependencies, clusterId, licence);
    },
    async subscribe(customerId, subscription) {
      await subscribeAlerts(dependencies, customerId, subscription);
    },
  };
}
