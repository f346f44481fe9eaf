import { limits } from "../../shared/config/limits.ts";
import type { Actor } from "../../shared/domain/audit/audit-entry.ts";
import type { Dependencies } from "../dependencies.ts";
import { scopedStores } from "../store/scoped-stores.ts";
import { actOnClusters } from "../use-cases/act-on-clusters.ts";
import { listSubscriptions, subscribeAlerts } from "../use-cases/alert-subscriptions.ts";
import { createApiKey, type Granter, listApiKeys, revokeApiKey } from "../use-cases/api-keys.ts";
import { readApproval } from "../use-cases/approvals.ts";
import { changeDataSet, checkDataSet } from "../use-cases/change-data-set.ts";
import { changeWhenAlone } from "../use-cases/change-when-alone.ts";
import { chooseCloudWitness } from "../use-cases/choose-cloud-witness.ts";
import { createCluster } from "../use-cases/create-cluster.ts";
import { createCustomer } from "../use-cases/create-customer.ts";
import { createJoinToken } from "../use-cases/create-join-token.ts";
import { issueLicence } from "../use-cases/issue-licence.ts";
import { listJoinTokens, withdrawJoinToken } from "../use-cases/join-tokens.ts";
import { listCustomers } from "../use-cases/list-customers.ts";
import { observeCluster } from "../use-cases/observe-cluster.ts";
import { orderGroup } from "../use-cases/order-group.ts";
import { readAuditLog } from "../use-cases/read-audit-log.ts";
import { readClusterAvailability, readCustomerAvailability } from "../use-cases/read-availability.ts";
import { readFleet } from "../use-cases/read-fleet.ts";
import { readLicensedNodes } from "../use-cases/read-licences.ts";
import { RefusedRequests } from "../use-cases/refused-requests.ts";
import { changeUser, createUser, listUsers, removeUser, resetPassword } from "../use-cases/users.ts";
import { alertConsoleData } from "./alert-console-data.ts";
import { clusterChangeData } from "./cluster-change-data.ts";
import type { ConsoleData, ConsoleSource, Visitor } from "./console-data.ts";
import { licenceConsoleData } from "./licence-console-data.ts";
import { removalConsoleData } from "./removal-console-data.ts";
import { triggerConsoleData } from "./trigger-console-data.ts";

/** The console on the control plane's own stores and use cases: a form does exactly what the API does. */
export function useCaseConsoleSource(dependencies: Dependencies): ConsoleSource {
  const refusals = new RefusedRequests(dependencies);
  return {
    customerOf: async (clusterId) => (await dependencies.stores.clusters.find(clusterId))?.document.customerId,
    for(visitor, requestId) {
      const { email: name, access } = visitor;
      const stores = scopedStores(dependencies.stores, access.customers);
      return consoleData({ ...dependencies, stores, actor: actorOf(visitor, requestId) }, { name, access, expiresAt: null });
    },
    noteRefused: (visitor, { requestId, ...request }, refusal) =>
      refusals.note({ ...request, actor: actorOf(visitor, requestId), access: visitor.access }, refusal),
  };
}

function actorOf({ userId: id, email: name }: Visitor, requestId: string): Actor {
  return { kind: "person", id, name, requestId };
}

function consoleData(dependencies: Dependencies, visitor: Granter): ConsoleData {
  const { stores } = dependencies;

  return {
    fleet: () => readFleet(dependencies, visitor.access),
    customer: (customerId) => stores.customers.find(customerId),
    async cluster(clusterId) {
      const cluster = await stores.clusters.find(clusterId);
      if (cluster === undefined) return undefined;
      const customer = await stores.customers.find(cluster.document.customerId);
      return customer === undefined ? undefined : { customer, ...(await observeCluster(dependencies, cluster.document)) };
    },
    events: (clusterId, page) => stores.events.page(clusterId, page),
    licences: (clusterId) => stores.licences.listOfCluster(clusterId),
    licensedNodes: (clusterId) => readLicensedNodes(dependencies, clusterId),
    licensing: licenceConsoleData(dependencies),
    alerting: alertConsoleData(dependencies),
    triggering: triggerConsoleData(dependencies),
    changing: clusterChangeData(dependencies),
    removing: removalConsoleData(dependencies),
    subscriptions: (customerId) => listSubscriptions(dependencies, customerId),

    users: () => listUsers(dependencies, visitor),
    apiKeys: () => listApiKeys(dependencies, visitor),
    audit: (customerId, page) => readAuditLog(dependencies, customerId === null ? {} : { customerId }, page),
    availability: (of, month) =>
      "clusterId" in of
        ? readClusterAvailability(dependencies, of.clusterId, month)
        : readCustomerAvailability(dependencies, of.customerId, month),
    allCustomers: () => listCustomers(dependencies, visitor.access),

    actOnClusters: (clusterIds, action) => actOnClusters(dependencies, visitor.access, clusterIds, action),
    async createCustomer(name) {
      const customer = await createCustomer(dependencies, { name });
      return customer.customerId;
    },
    async createCluster(customerId, cluster) {
      const { document } = await createCluster(dependencies, customerId, cluster);
      return document.clusterId;
    },
    createJoinToken: (clusterId, role, nodeId) => {
      const whose = nodeId === undefined ? { role } : { role, nodeId };
      return createJoinToken(dependencies, clusterId, { ...whose, lifetimeSeconds: limits.joinTokenLifetimeSecondsMax });
    },
    joinTokens: (clusterId) => listJoinTokens(dependencies, clusterId),
    approval: (clusterId) => readApproval(dependencies, clusterId),
    withdrawJoinToken: (clusterId, tokenId) => withdrawJoinToken(dependencies, clusterId, tokenId),
    async chooseCloudWitness(clusterId, choice) {
      await chooseCloudWitness(dependencies, clusterId, choice);
    },
    async orderGroup(order) {
      await orderGroup(dependencies, order);
    },
    async changeWhenAlone(clusterId, whenAlone) {
      await changeWhenAlone(dependencies, clusterId, whenAlone);
    },
    async declareDataSet(target, dataSet, isCheck) {
      if (isCheck) await checkDataSet(dependencies, target, dataSet);
      else await changeDataSet(dependencies, target, dataSet);
    },
    async issueLicence(clusterId, licence) {
      await issueLicence(dependencies, clusterId, licence);
    },
    async subscribe(customerId, subscription) {
      await subscribeAlerts(dependencies, customerId, subscription);
    },
    createUser: (wanted) => createUser(dependencies, visitor, wanted),
    async changeUser(userId, access) {
      await changeUser(dependencies, visitor, userId, access);
    },
    resetPassword: (userId) => resetPassword(dependencies, visitor, userId),
    async removeUser(userId) {
      await removeUser(dependencies, visitor, userId);
    },
    createApiKey: (wanted) => createApiKey(dependencies, visitor, wanted),
    async revokeApiKey(keyId) {
      await revokeApiKey(dependencies, visitor, keyId);
    },
  };
}
