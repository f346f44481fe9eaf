import type { AlertConsoleData } from "../../../functions/console/alert-console-data.ts";
import type { ClusterChangeData } from "../../../functions/console/cluster-change-data.ts";
import type { ConsoleData, ConsoleSource, ObservedCluster } from "../../../functions/console/console-data.ts";
import type { RemovalConsoleData } from "../../../functions/console/removal-console-data.ts";
import type { TriggerConsoleData } from "../../../functions/console/trigger-console-data.ts";
import type { ApiKey } from "../../../functions/store/api-key-store.ts";
import type { Customer } from "../../../functions/store/customer-store.ts";
import type { StoredLicence } from "../../../functions/store/licence-store.ts";
import type { User } from "../../../functions/store/user-store.ts";
import type { LevelledSubscription, NewSubscription } from "../../../functions/use-cases/alert-subscriptions.ts";
import type { DataSetTarget } from "../../../functions/use-cases/change-data-set.ts";
import type { GroupOrder } from "../../../functions/use-cases/order-group.ts";
import type { Fleet } from "../../../functions/use-cases/read-fleet.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import type { AuditEntry } from "../../../shared/domain/audit/audit-entry.ts";
import type { DataSet } from "../../../shared/domain/membership/cluster-document.ts";
import type { WhenAlone } from "../../../shared/domain/membership/when-alone.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { Observation } from "../../../shared/domain/monitoring/observation.ts";
import { at, clusterId, customerId, sampleDocument, sampleSummary } from "./sample-cluster.ts";
import { sampleLicenceView, sampleLicensing } from "./sample-standing.ts";

/** Data for the pages that a test holds in its hand: what it puts in is what the next poll shows. */
export class MemoryConsoleData implements ConsoleData, ConsoleSource {
  readonly customers: Customer[] = [];
  readonly observations: Observation[] = [];
  readonly subscribed: LevelledSubscription[] = [];
  readonly stored: StoredLicence[] = [];
  licensed = 3;

  addCustomer(name: string): Customer {
    const customer = { customerId: customerId(this.customers.length + 1), name, createdAt: at(0) };
    this.customers.push(customer);
    return customer;
  }

  /** Replaces what is known of the cluster. */
  put(observation: Observation, customer?: Customer): void {
    const owned =
      customer === undefined ? observation : { ...observation, document: { ...observation.document, customerId: customer.customerId } };
    const index = this.observations.findIndex(({ document }) => document.clusterId === observation.document.clusterId);
    if (index === -1) this.observations.push(owned);
    else
      this.observations[index] = {
        ...owned,
        document: { ...owned.document, customerId: this.observations[index]?.document.customerId ?? customerId(1) },
      };
  }

  /** The same for everybody: whom it is shown to is the use cases' and the table of page-access.ts. */
  for(): ConsoleData {
    return this;
  }

  /** Codes of what visitors were refused, newest last. */
  readonly refused: string[] = [];
  async noteRefused(...[, , { code }]: Parameters<ConsoleSource["noteRefused"]>): Promise<void> {
    this.refused.push(code);
  }

  async customerOf(id: Observation["document"]["clusterId"]) {
    return this.observations.find(({ document }) => document.clusterId === id)?.document.customerId;
  }

  async fleet(): Promise<Fleet> {
    return { customers: this.customers, clusters: this.observations.map(sampleSummary) };
  }

  async customer(id: Customer["customerId"]): Promise<Customer | undefined> {
    return this.customers.find(({ customerId: own }) => own === id);
  }

  async cluster(id: Observation["document"]["clusterId"]): Promise<ObservedCluster | undefined> {
    const observation = this.observations.find(({ document }) => document.clusterId === id);
    const customer = this.customers.find(({ customerId: own }) => own === observation?.document.customerId);
    return observation === undefined || customer === undefined ? undefined : observed(customer, observation);
  }

  async events(id: Observation["document"]["clusterId"], page: { readonly limit: number; readonly from?: string }) {
    const all: readonly ClusterEvent[] = this.observations.find(({ document }) => document.clusterId === id)?.events ?? [];
    const start = page.from === undefined ? 0 : Number(page.from);
    if (!Number.isInteger(start)) return "bad-position" as const;
    const next = start + page.limit;
    return { events: all.slice(start, next), ...(next < all.length ? { next: String(next) } : {}) };
  }

  licensing = sampleLicensing(async (id) => {
    const found = await this.cluster(id);
    return found === undefined ? undefined : sampleLicenceView(found.customer, found.observation.document);
  });
  get alerting(): AlertConsoleData {
    throw new Error("the pages about alerts are tested on the real use cases");
  }
  get changing(): ClusterChangeData {
    throw new Error("the page about a cluster's changes is tested on the real use cases");
  }
  get removing(): RemovalConsoleData {
    throw new Error("the pages about removing are tested on the real use cases");
  }
  get triggering(): TriggerConsoleData {
    throw new Error("the page about triggers is tested on the real use cases");
  }
  licences = async () => this.stored;
  licensedNodes = async () => this.licensed;
  subscriptions = async () => this.subscribed;
  users = async () => [sampleUser];
  apiKeys = async () => [sampleKey];
  audit = async () => ({ entries: [sampleEntry], broken: [sampleEntry.number] });
  actOnClusters = notHere;
  joinTokens = async () => [];
  approval = async (id: Observation["document"]["clusterId"]) => {
    const found = this.observations.find(({ document }) => document.clusterId === id);
    if (found === undefined) throw new Error(`no cluster ${id}`);
    return { document: found.document, approver: null, waiting: null };
  };
  withdrawJoinToken = notHere;
  chooseCloudWitness = notHere;
  /** Orders that were sent, newest last. */
  readonly ordered: GroupOrder[] = [];
  orderGroup = async (order: GroupOrder) => void this.ordered.push(order);
  availability = notHere;
  allCustomers = async () => this.customers;
  createUser = notHere;
  changeUser = notHere;
  resetPassword = notHere;
  removeUser = notHere;
  createApiKey = notHere;
  revokeApiKey = notHere;
  createCustomer = async (name: string) => this.addCustomer(name).customerId;
  createJoinToken = async () => ({ token: "understudy1.sample-token", expiresAt: at(900) });

  async createCluster(id: Customer["customerId"], cluster: { readonly name: string }) {
    const number = this.observations.length + 1;
    const document = { ...sampleDocument({ number, name: cluster.name, nodeNames: [] }), customerId: id };
    this.observations.push({ document, reports: [], presence: [], events: [] });
    return clusterId(number);
  }

  async changeWhenAlone(id: Observation["document"]["clusterId"], whenAlone: WhenAlone) {
    const observation = this.observations.find(({ document }) => document.clusterId === id);
    if (observation !== undefined) this.put({ ...observation, document: { ...observation.document, whenAlone } });
  }

  async declareDataSet({ clusterId: id }: DataSetTarget, dataSet: DataSet, isCheck: boolean) {
    const observation = this.observations.find(({ document }) => document.clusterId === id);
    if (observation === undefined || isCheck) return;
    const dataSets = [...observation.document.dataSets.filter(({ name }) => name !== dataSet.name), dataSet];
    this.put({ ...observation, document: { ...observation.document, dataSets } });
  }

  async issueLicence(id: Observation["document"]["clusterId"], licence: { readonly nodes: number; readonly validUntil: string }) {
    this.licensed += licence.nodes;
    const more = {
      schema: 1 as const,
      licenceId: `lic-${this.stored.length}`,
      customerId: customerId(1),
      clusterId: id,
      validFrom: at(0),
      graceDays: 30,
    };
    this.stored.push({ licence: { ...more, ...licence }, signed: "signed" });
  }

  async subscribe(_id: Customer["customerId"], request: NewSubscription) {
    if (request.endpoint.includes("refused")) throw new Refusal("invalid-request", "the endpoint is refused", "Give another one.");
    this.subscribed.push({ level: "first", ...request, subscriptionId: null, state: "pending-confirmation" });
  }
}

const access = { role: "operator", customers: [customerId(1)] } as const;
const made = { access, createdAt: at(0), createdBy: "owner@example.com" };
const sampleUser: User = { ...made, userId: "user-1", email: "operator@example.com", sessionsFrom: at(0) };
const sampleKey: ApiKey = {
  ...made,
  keyId: "key-1",
  keySha256: "",
  prefix: "uskey_abcdef",
  name: "nightly",
  expiresAt: at(900),
  lastUsedAt: at(10),
};
const sampleEntry: AuditEntry = {
  at: at(0),
  actor: { kind: "person", id: "user-1", name: "operator@example.com", requestId: "9b2e6a0c-0000-4000-8000-000000000000" },
  action: "cluster.changed",
  customerId: customerId(1),
  subject: clusterId(1),
  changes: [{ path: "groups.default.order", before: ["node-a"], after: ["node-b"] }],
  number: 1,
  previousSha256: "0".repeat(64),
  sha256: "1".repeat(64),
};

async function notHere(): Promise<never> {
  throw new Error("users and keys are tested on the real use cases");
}

function observed(customer: Customer, observation: Observation): ObservedCluster {
  return { customer, observation, reportedAt: new Map(observation.reports.map((report) => [report.nodeId, report.at])) };
}
