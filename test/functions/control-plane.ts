import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { proveKey } from "../../agent/link/identity.ts";
import type { AgentMessenger, Dependencies } from "../../functions/dependencies.ts";
import { AccountDirectory } from "../../functions/embedded/accounts/account-directory.ts";
import { AccountFile } from "../../functions/embedded/accounts/account-file.ts";
import { openDataDirectory } from "../../functions/embedded/data-directory.ts";
import { startEmbeddedDynamo } from "../../functions/embedded/dynamo-embedded.ts";
import { loadKeyFileSigner } from "../../functions/embedded/key-file-signer.ts";
import type { AlertMessage } from "../../functions/notify/alert-message.ts";
import type { Notifier, Subscription, SubscriptionRequest } from "../../functions/notify/notifier.ts";
import { dynamoStores } from "../../functions/store/dynamo-stores.ts";
import { controlPlaneItself } from "../../functions/use-cases/audited.ts";
import { createCluster } from "../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../functions/use-cases/create-customer.ts";
import { createJoinToken } from "../../functions/use-cases/create-join-token.ts";
import { enrolNode } from "../../functions/use-cases/enrol-node.ts";
import { issueLicence } from "../../functions/use-cases/issue-licence.ts";
import { recordReport } from "../../functions/use-cases/record-report.ts";
import type { ClusterId, EventId, GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { AlertLevel } from "../../shared/domain/incidents/announce.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { EnrolRequest } from "../../shared/protocol/api-contract.ts";
import { decodeJoinToken } from "../../shared/protocol/join-token.ts";

/** What the use cases have handed to the broker. */
export class RecordedMessages implements AgentMessenger {
  readonly documents: { clusterId: ClusterId; signed: string }[] = [];
  readonly retired: ClusterId[] = [];
  readonly receipts: unknown[] = [];
  readonly admitted: NodeId[] = [];

  async admit({ nodeId }: { readonly nodeId: NodeId }): Promise<void> {
    this.admitted.push(nodeId);
  }

  async publishDocument(clusterId: ClusterId, signed: string): Promise<void> {
    this.documents.push({ clusterId, signed });
  }

  async retire(clusterId: ClusterId): Promise<void> {
    this.retired.push(clusterId);
  }

  async publishReceipt(_clusterId: ClusterId, _nodeId: NodeId, receipt: unknown): Promise<void> {
    this.receipts.push(receipt);
  }
}

/** A notifier that remembers, and fails when told to. */
export class RecordedAlerts implements Notifier {
  readonly published: AlertMessage[] = [];
  /** Where each of them went. */
  readonly topics: string[] = [];
  /** By their id, which begins with the topic's. */
  readonly #subscriptions = new Map<string, Subscription>();
  failWith: Error | undefined;

  async ensureTopic(customerId: string, level: AlertLevel = "first"): Promise<string> {
    return `${level}-topic-of-${customerId}`;
  }

  async removeTopics(customerId: string): Promise<void> {
    for (const level of ["first", "escalation"]) {
      for (const key of this.#subscriptions.keys()) if (key.startsWith(`${level}-topic-of-${customerId}-`)) this.#subscriptions.delete(key);
    }
  }

  async publish(topicArn: string, alert: AlertMessage): Promise<{ messageId: string }> {
    if (this.failWith !== undefined) throw this.failWith;
    this.published.push(alert);
    this.topics.push(topicArn);
    return { messageId: String(this.published.length) };
  }

  async subscribe(topicArn: string, request: SubscriptionRequest): Promise<{ subscriptionId: string; state: "confirmed" }> {
    const subscription = { subscriptionId: `${topicArn}-${request.endpoint}`, state: "confirmed" } as const;
    this.#subscriptions.set(subscription.subscriptionId, { ...request, ...subscription });
    return subscription;
  }

  async subscriptions(topicArn: string): Promise<readonly Subscription[]> {
    return [...this.#subscriptions.entries()].flatMap(([key, subscription]) => (key.startsWith(`${topicArn}-`) ? [subscription] : []));
  }

  async unsubscribe(subscriptionId: string): Promise<void> {
    this.#subscriptions.delete(subscriptionId);
  }
}

export interface ControlPlane {
  readonly dependencies: Dependencies;
  readonly messages: RecordedMessages;
  readonly alerts: RecordedAlerts;
  readonly clock: { nowMs: number };
  close(): Promise<void>;
}

/** The use cases on the real store (on disk) and the real signer, with a clock that stands still. `fill`: puts something into the database's folder before. */
export async function startControlPlane(fill: (databasePath: string) => Promise<unknown> = async () => {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "us-"));
  const directory = await openDataDirectory(folder);
  await fill(join(folder, "database"));
  const dynamo = await startEmbeddedDynamo(join(folder, "database"));
  const messages = new RecordedMessages();
  const alerts = new RecordedAlerts();
  const clock = { nowMs: Date.now() };
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const dependencies: Dependencies = {
    actor: controlPlaneItself,
    directory: new AccountDirectory(new AccountFile(join(folder, "accounts.json")), () => clock.nowMs),
    stores: dynamoStores(dynamo.table, () => clock.nowMs),
    signer: await loadKeyFileSigner(directory),
    messenger: messages,
    notifier: alerts,
    deliveries: { ofMessage: async () => [], dead: async () => [], redrive: async () => 0 },
    endpoints: { apiUrl: "https://127.0.0.1:8443", apiCaSha256: "ab".repeat(32), mqttUrl: "mqtts://127.0.0.1:8883", caPem: "PEM" },
    nowMs: () => clock.nowMs,
    log: silent,
    alertPending: () => {},
  };
  const close = async (): Promise<void> => {
    await dynamo.close();
    await directory.close();
    await rm(folder, { recursive: true });
  };
  return { dependencies, messages, alerts, clock, close };
}

export interface NodeIdentity {
  readonly certificatePem: string;
  readonly certificateSha256: string;
  readonly keyPem: string;
  readonly key: KeyObject;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A node's own key and self-signed certificate. */
export async function newIdentity(options: { readonly notBeforeMs?: number; readonly notAfterMs?: number } = {}): Promise<NodeIdentity> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [priv, pub] = await Promise.all([
    webcrypto.subtle.importKey("pkcs8", privateKey.export({ type: "pkcs8", format: "der" }), algorithm, true, ["sign"]),
    webcrypto.subtle.importKey("spki", publicKey.export({ type: "spki", format: "der" }), algorithm, true, ["verify"]),
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=node",
    notBefore: new Date(options.notBeforeMs ?? Date.now() - 86_400_000),
    notAfter: new Date(options.notAfterMs ?? Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys: { privateKey: priv, publicKey: pub },
  });
  return {
    certificatePem: certificate.toString("pem"),
    certificateSha256: createHash("sha256").update(Buffer.from(certificate.rawData)).digest("hex"),
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    key: privateKey,
  };
}

export function secretOf(token: string): string {
  const decoded = decodeJoinToken(token);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.token.secret;
}

export function enrolRequest(tokenSecret: string, identity: NodeIdentity, name: string, port = 7_000): EnrolRequest {
  return {
    tokenSecret,
    name,
    host: "127.0.0.1",
    heartbeatPort: port,
    replicationPort: port + 1,
    certificatePem: identity.certificatePem,
    proof: proveKey(identity, tokenSecret),
  };
}

export async function newCluster({ dependencies, clock }: ControlPlane, licensedNodes: number): Promise<ClusterId> {
  const { customerId } = await createCustomer(dependencies, { name: "Hotel Adler" });
  const cluster = await createCluster(dependencies, customerId, { name: "front desk", timing: "default", dataSets: [], resources: [] });
  const { clusterId } = cluster.document;
  const validUntil = new Date(clock.nowMs + 30 * 86_400_000).toISOString();
  if (licensedNodes > 0) await issueLicence(dependencies, clusterId, { nodes: licensedNodes, validUntil, graceDays: 30 });
  return clusterId;
}

export async function newToken({ dependencies }: ControlPlane, clusterId: ClusterId, role: MemberRole = "node"): Promise<string> {
  return secretOf((await createJoinToken(dependencies, clusterId, { role, lifetimeSeconds: 900 })).token);
}

/** Enrols a node and lets it confirm the document that names it. */
export async function enrolled(plane: ControlPlane, clusterId: ClusterId, name: string, port: number) {
  const identity = await newIdentity();
  const answer = await enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId), identity, name, port));
  await acknowledge(plane, clusterId, answer.nodeId);
  return { nodeId: answer.nodeId, identity };
}

/** A new cluster with two nodes, and a licence for as many as are said. */
export async function clusterOfTwo(plane: ControlPlane, licensed: number) {
  const clusterId = await newCluster(plane, licensed);
  const alpha = (await enrolled(plane, clusterId, "alpha", 7_000)).nodeId;
  const beta = (await enrolled(plane, clusterId, "beta", 7_010)).nodeId;
  return { clusterId, alpha, beta };
}

/** The node reports that it acts on the newest document. */
export async function acknowledge(plane: ControlPlane, clusterId: ClusterId, nodeId: NodeId): Promise<void> {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  await recordReport(
    plane.dependencies,
    { clusterId, nodeId },
    reportOf(clusterId, nodeId, cluster?.document.version ?? 1, plane.clock.nowMs),
  );
}

export function reportOf(clusterId: ClusterId, nodeId: NodeId, documentVersion: number, nowMs: number) {
  const at = new Date(nowMs).toISOString();
  return { clusterId, nodeId, at, agentVersion: "0.1.0", incarnation: 1, documentVersion, groups: [], peers: [], dataSets: [] };
}

/** Each epoch an hour after the one before: an incident of its own. */
export function takeoverEvent(clusterId: ClusterId, reporter: NodeId, from: NodeId, epoch: number): ClusterEvent {
  const group = "default" as GroupName;
  return {
    eventId: `${clusterId}/default/${epoch}/group.takeover` as EventId,
    clusterId,
    reporter,
    at: new Date(Date.UTC(2026, 0, 2, 3 + epoch, 4, 5, 678)).toISOString(),
    severity: "critical",
    detail: { kind: "group.takeover", group, epoch, from, silentMs: 480, released: null, votes: 2, voters: 3, startedInMs: 40, behind: 0 },
  };
}
