import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AedesCloudBroker } from "../../../functions/embedded/aedes-cloud-broker.ts";
import { type CertificateAuthority, loadCertificateAuthority } from "../../../functions/embedded/certificate-authority.ts";
import { type DataDirectory, openDataDirectory } from "../../../functions/embedded/data-directory.ts";
import { randomId } from "../../../functions/use-cases/random-id.ts";
import type { AuthenticatedNode } from "../../../functions/use-cases/record-events.ts";
import { limits } from "../../../shared/config/limits.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { type NodeIdentity, newIdentity } from "../control-plane.ts";

/** Two clusters of two nodes: enough for every kind of stranger. */
interface Member extends AuthenticatedNode {
  readonly label: string;
  readonly identity: NodeIdentity;
}

let folder: string;
let directory: DataDirectory;
let authority: CertificateAuthority;
let broker: AedesCloudBroker;
let port: number;
const members: Member[] = [];
const enrolled = new Map<string, AuthenticatedNode>();
const received: { sender: AuthenticatedNode; kind: string; text: string }[] = [];
const presence: string[] = [];
const refusals: string[] = [];
const clients: mqtt.MqttClient[] = [];

const note = (facts: object) => refusals.push(JSON.stringify(facts));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  directory = await openDataDirectory(folder);
  authority = await loadCertificateAuthority(directory);
  broker = new AedesCloudBroker({
    tls: await authority.issueServerIdentity(["127.0.0.1"]),
    log: { info: note, warn: note, error: note },
    authenticate: async (certificate) => enrolled.get(certificate),
  });
  port = await broker.listen({ host: "127.0.0.1", port: 0, option: "--mqtt-port" });
  broker.open({
    receive: async (sender, kind, payload) => void received.push({ sender, kind, text: Buffer.from(payload).toString() }),
    presence: async ({ nodeId }, connected) => void presence.push(`${nodeId} ${connected ? "came" : "went"}`),
  });
  for (const cluster of ["A", "B"]) {
    const clusterId = randomId("clus");
    for (const number of [1, 2]) {
      const member = { label: `${cluster}${number}`, clusterId, nodeId: randomId("node"), identity: await newIdentity() };
      members.push(member);
      enrolled.set(member.identity.certificateSha256, { clusterId, nodeId: member.nodeId });
    }
  }
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  received.length = 0;
  presence.length = 0;
  refusals.length = 0;
});
afterAll(async () => {
  await broker.close();
  await directory.close();
  await rm(folder, { recursive: true });
});

const member = (label: string): Member => {
  const found = members.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no member ${label}`);
  return found;
};

function connect(who: Member, options: mqtt.IClientOptions = {}): mqtt.MqttClient {
  const tls = { cert: who.identity.certificatePem, key: who.identity.keyPem, ca: authority.caPem };
  const client = mqtt.connect({
    protocol: "mqtts",
    host: "127.0.0.1",
    port,
    clientId: who.nodeId,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    keepalive: 60,
    ...tls,
    ...options,
  });
  client.on("error", () => {});
  clients.push(client);
  return client;
}

/** Resolves with how the attempt ended. */
const outcome = (client: mqtt.MqttClient): Promise<"connected" | "refused"> =>
  new Promise((resolve) => client.once("connect", () => resolve("connected")).once("close", () => resolve("refused")));
const closed = (client: mqtt.MqttClient): Promise<void> => new Promise((resolve) => client.once("close", () => resolve()));

async function connected(who: Member, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
  const client = connect(who, options);
  expect(await outcome(client)).toBe("connected");
  return client;
}

describe("broker: who gets in", () => {
  it.each<[string, () => Promise<mqtt.IClientOptions>, string]>([
    ["without a certificate", async () => ({ cert: "", key: "" }), "no certificate"],
    [
      "with a certificate that was never enrolled",
      async () => ({ cert: (await newIdentityPem()).cert, key: lastKey }),
      "belongs to no node",
    ],
    ["with another node's id", async () => ({ clientId: member("A2").nodeId }), "client id must be"],
    [
      "with another tenant's certificate",
      async () => ({ cert: member("B1").identity.certificatePem, key: member("B1").identity.keyPem }),
      "client id must be",
    ],
    [
      "with a will",
      async () => ({ will: { topic: cloudTopics.events(member("A1").clusterId, member("A1").nodeId), payload: Buffer.from("x") } }),
      "a will",
    ],
    ["without a keepalive", async () => ({ keepalive: 0 }), "keep alive"],
  ])("%s: refused, and the log says why", async (_situation, options, reason) => {
    expect(await outcome(connect(member("A1"), await options()))).toBe("refused");
    await expect.poll(() => refusals.join("\n")).toContain(reason);
  });

  it("a removed node is disconnected with the new document, and stays out", async () => {
    const node = member("A2");
    const client = await connected(node);
    const gone = closed(client);
    enrolled.delete(node.identity.certificateSha256);
    await broker.publishDocument(node.clusterId, "newer");
    await gone;
    expect(await outcome(connect(node))).toBe("refused");
    enrolled.set(node.identity.certificateSha256, node);
  });

  it("coming and going is told in order, and a newer connection of a node replaces the older", async () => {
    const node = member("A1");
    const first = await connected(node);
    const second = await connected(node);
    await expect.poll(() => first.connected).toBe(false);
    await expect.poll(() => presence.at(-1)).toBe(`${node.nodeId} came`);
    await second.endAsync();
    await expect.poll(() => presence).toEqual(["came", "went", "came", "went"].map((what) => `${node.nodeId} ${what}`));
  });
});

let lastKey = "";
async function newIdentityPem(): Promise<{ cert: string }> {
  const identity = await newIdentity();
  lastKey = identity.keyPem;
  return { cert: identity.certificatePem };
}

describe("broker: what gets through", () => {
  it("the retained document reaches a node that subscribes later, and each change", async () => {
    const node = member("A1");
    await broker.publishDocument(node.clusterId, "first");
    const client = await connected(node);
    const seen: string[] = [];
    client.on("message", (_topic, payload) => seen.push(payload.toString()));
    await client.subscribeAsync(cloudTopics.document(node.clusterId), { qos: 1 });
    await expect.poll(() => seen).toEqual(['{"document":"first"}']);
    await broker.publishDocument(node.clusterId, "second");
    await expect.poll(() => seen).toEqual(['{"document":"first"}', '{"document":"second"}']);
  });

  it("an event batch of 128 KiB goes through; one byte more disconnects", async () => {
    const node = member("A1");
    const topic = cloudTopics.events(node.clusterId, node.nodeId);
    const client = await connected(node);
    await client.publishAsync(topic, "x".repeat(limits.cloudMessageBytesMax), { qos: 1 });
    await expect.poll(() => received.length).toBe(1);
    const gone = closed(client);
    client.publish(topic, "x".repeat(limits.cloudMessageBytesMax + 1), { qos: 1 });
    await gone;
    expect(received).toHaveLength(1);
  });

  it.each<[string, mqtt.IClientPublishOptions]>([
    ["QoS 2", { qos: 2 }],
    ["a retained message", { qos: 1, retain: true }],
  ])("%s of a node disconnects it", async (_kind, options) => {
    const node = member("A1");
    const client = await connected(node);
    const gone = closed(client);
    client.publish(cloudTopics.events(node.clusterId, node.nodeId), "x", options);
    await gone;
    expect(received).toEqual([]);
  });
});

const topicsFor = (owner: Member) => ({
  document: cloudTopics.document(owner.clusterId),
  events: cloudTopics.events(owner.clusterId, owner.nodeId),
  report: cloudTopics.report(owner.clusterId, owner.nodeId),
  receipts: cloudTopics.receipts(owner.clusterId, owner.nodeId),
});
const wildcards = (owner: Member) => [
  "#",
  "+/#",
  "understudy/#",
  `understudy/v1/${owner.clusterId}/#`,
  `understudy/v1/${owner.clusterId}/+/events`,
  "$SYS/#",
  `$share/g/understudy/v1/${owner.clusterId}/document`,
];

describe("broker: topic rights, every identity on every topic", () => {
  const allLabels = ["A1", "A2", "B1", "B2"];

  it.each(allLabels)("%s subscribes to its own cluster's document and its own receipts, and to nothing else", async (label) => {
    const who = member(label);
    const client = await connected(who);
    const allowed = new Set([topicsFor(who).document, topicsFor(who).receipts]);
    const filters = new Set(members.flatMap((owner) => [...Object.values(topicsFor(owner)), ...wildcards(owner)]));
    const granted: string[] = [];
    for (const filter of filters) {
      const [grant] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
      if (grant !== undefined && grant.qos < 128) granted.push(filter);
    }
    expect(new Set(granted)).toEqual(allowed);
  });

  it.each(allLabels)("%s publishes its own events and report, and is disconnected for anything else", async (label) => {
    const who = member(label);
    const topics = [...new Set(members.flatMap((owner) => Object.values(topicsFor(owner)))), "$SYS/x", "understudy/v1"];
    const allowed = new Set([topicsFor(who).events, topicsFor(who).report]);
    for (const topic of topics) {
      received.length = 0;
      const client = await connected(who);
      if (allowed.has(topic)) {
        await client.publishAsync(topic, topic, { qos: 1 });
        await expect.poll(() => received.map(({ text }) => text), { message: topic }).toEqual([topic]);
        expect(received[0]?.sender.nodeId).toBe(who.nodeId);
        await client.endAsync(true);
      } else {
        const gone = closed(client);
        client.publish(topic, "x", { qos: 1 });
        await gone;
        expect(received, topic).toEqual([]);
      }
    }
  });
});
