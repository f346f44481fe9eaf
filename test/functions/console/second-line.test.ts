import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConsoleData } from "../../../functions/console/console-data.ts";
import { useCaseConsoleSource } from "../../../functions/console/use-case-console-data.ts";
import { OutsideScopeError } from "../../../functions/store/store-error.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import type { ClusterId, CustomerId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { type ControlPlane, clusterOfTwo, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let ours: { readonly customerId: CustomerId; readonly clusterId: ClusterId; readonly nodeId: NodeId };
let data: ConsoleData;
beforeAll(async () => {
  plane = await startControlPlane();
  const tenant = async () => {
    const { clusterId, alpha: nodeId } = await clusterOfTwo(plane, 2);
    const customerId = (await plane.dependencies.stores.clusters.find(clusterId))?.document.customerId;
    if (customerId === undefined) throw new Error("the cluster was not kept");
    return { clusterId, customerId, nodeId };
  };
  ours = await tenant();
  const theirs = await tenant();
  const access = { role: "owner", customers: [ours.customerId] } as const;
  await makeApiKey(plane.dependencies, "test", { name: "ours", access, expiresAt: null });
  const visitor = { userId: "1", email: "theirs@example.com", access: { role: "owner", customers: [theirs.customerId] } } as const;
  data = useCaseConsoleSource(plane.dependencies).for(visitor, "request-1");
});
afterAll(async () => plane.close());

type Calls<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...parameters: never[]) => Promise<unknown>
    ? () => Promise<unknown>
    : Calls<Part[Name]>;
};

/** Everything that the console's pages and forms do, asked about ours past the table that says who may. */
const calls: Calls<ConsoleData> = {
  fleet: () => data.fleet(),
  customer: () => data.customer(ours.customerId),
  cluster: () => data.cluster(ours.clusterId),
  events: () => data.events(ours.clusterId, { limit: 5 }),
  licensedNodes: () => data.licensedNodes(ours.clusterId),
  licences: () => data.licences(ours.clusterId),
  licensing: {
    read: () => data.licensing.read(ours.clusterId),
    issue: () => data.licensing.issue(ours.clusterId, { nodes: 1, validUntil: "2099-01-01T00:00:00Z", graceDays: 30 }),
    startTrial: () => data.licensing.startTrial(ours.clusterId),
    import: () => data.licensing.import(ours.clusterId, "x"),
    withdraw: () => data.licensing.withdraw(ours.clusterId, "x"),
    declare: () => data.licensing.declare(ours.clusterId, noDevices),
    choosePrimary: () => data.licensing.choosePrimary(ours.clusterId, ours.nodeId),
  },
  alerting: {
    ofCustomer: () => data.alerting.ofCustomer(ours.customerId),
    ofCluster: () => data.alerting.ofCluster(ours.clusterId, undefined),
    changeSettings: () => data.alerting.changeSettings(ours.customerId, { escalateAfterMinutes: null, silentAfterSeconds: 61 }),
    plan: () => data.alerting.plan(ours.customerId, { startsAt: inHours(1), endsAt: inHours(2), reason: "x" }),
    endMaintenance: () => data.alerting.endMaintenance(ours.customerId, "x"),
    redrive: () => data.alerting.redrive(ours.customerId, null),
    acknowledge: () => data.alerting.acknowledge(ours.clusterId, 1),
    test: () => data.alerting.test(ours.clusterId, "first"),
  },
  triggering: {
    read: () => data.triggering.read(ours.clusterId),
    check: () => data.triggering.check({ clusterId: ours.clusterId, trigger: "door", expectedVersion: 3 }, null),
    change: () => data.triggering.change({ clusterId: ours.clusterId, trigger: "door", expectedVersion: 3 }, null),
  },
  changing: {
    check: () => data.changing.check({ clusterId: ours.clusterId, expectedVersion: 3 }, { what: "remove-node", nodeId: ours.nodeId }),
    make: () => data.changing.make({ clusterId: ours.clusterId, expectedVersion: 3 }, { what: "remove-node", nodeId: ours.nodeId }),
  },
  removing: {
    checkCluster: () => data.removing.checkCluster(ours.clusterId),
    checkCustomer: () => data.removing.checkCustomer(ours.customerId),
    removeCluster: () => data.removing.removeCluster({ clusterId: ours.clusterId, expectedVersion: 3 }, "front desk"),
    removeCustomer: () => data.removing.removeCustomer(ours.customerId, "Hotel Adler"),
  },
  subscriptions: () => data.subscriptions(ours.customerId),
  users: () => data.users(),
  apiKeys: () => data.apiKeys(),
  audit: () => data.audit(ours.customerId, { limit: 5 }),
  availability: () => data.availability({ clusterId: ours.clusterId }),
  allCustomers: () => data.allCustomers(),
  actOnClusters: async () =>
    (await data.actOnClusters([ours.clusterId], { kind: "acknowledge" })).filter(({ outcome }) => outcome !== "refused"),
  createCustomer: () => data.createCustomer("Krone"),
  createCluster: () => data.createCluster(ours.customerId, { name: "hall", timing: "default", dataSets: [], resources: [] }),
  createJoinToken: () => data.createJoinToken(ours.clusterId, "node"),
  joinTokens: () => data.joinTokens(ours.clusterId),
  approval: () => data.approval(ours.clusterId),
  withdrawJoinToken: () => data.withdrawJoinToken(ours.clusterId, "x"),
  chooseCloudWitness: () => data.chooseCloudWitness(ours.clusterId, "off"),
  orderGroup: () => data.orderGroup({ clusterId: ours.clusterId, group: "default" as GroupName, order: [], expectedVersion: 3 }),
  changeWhenAlone: () => data.changeWhenAlone(ours.clusterId, "survivor"),
  declareDataSet: () => data.declareDataSet({ clusterId: ours.clusterId, expectedVersion: 3 }, { kind: "shared", name: "calls" }, false),
  issueLicence: () => data.issueLicence(ours.clusterId, { nodes: 1, validUntil: "2099-01-01T00:00:00Z", graceDays: 30 }),
  subscribe: () => data.subscribe(ours.customerId, { protocol: "email", endpoint: "spy@example.com" }),
  createUser: () => data.createUser({ email: "spy@example.com", access: { role: "viewer", customers: [ours.customerId] } }),
  changeUser: () => data.changeUser("x", { role: "viewer", customers: [ours.customerId] }),
  resetPassword: () => data.resetPassword("x"),
  removeUser: () => data.removeUser("x"),
  createApiKey: () => data.createApiKey({ name: "mine", access: { role: "viewer", customers: [ours.customerId] }, expiresAt: null }),
  revokeApiKey: () => data.revokeApiKey("x"),
};

const inHours = (hours: number): string => new Date(plane.clock.nowMs + hours * 3_600_000).toISOString();

const flat = (part: object, name = ""): readonly (readonly [string, () => Promise<unknown>])[] =>
  Object.entries(part).flatMap(([key, call]) =>
    typeof call === "function" ? [[name + key, call as () => Promise<unknown>]] : flat(call as object, `${key}.`),
  );

/** Everything of ours that a page could show. */
const oursNow = async () => {
  const { stores } = plane.dependencies;
  const { clusterId, customerId } = ours;
  return JSON.stringify([
    await stores.clusters.listOfCustomer(customerId),
    await stores.licences.listOfCluster(clusterId),
    await stores.tokens.listOfCluster(clusterId, ""),
    await stores.alertSettings.find(customerId),
    await stores.alertSettings.windows(customerId),
    await stores.licenceBasis.findDevices(clusterId),
    await stores.apiKeys.list(),
    await stores.users.list(),
    (await stores.audit.page({ customerId }, { limit: 50 })).entries,
    plane.alerts.published,
  ]);
};

describe("the console's check removed: another customer's owner", () => {
  it.each(flat(calls))("%s: shows nothing of ours, and changes nothing", async (_name, call) => {
    const before = await oursNow();
    const shown = await call().catch((error: unknown) => {
      if (error instanceof OutsideScopeError || error instanceof Refusal) return undefined;
      throw error;
    });
    expect(Object.values(ours).filter((id) => (JSON.stringify(shown) ?? "").includes(id))).toEqual([]);
    expect(await oursNow()).toBe(before);
  });
});
