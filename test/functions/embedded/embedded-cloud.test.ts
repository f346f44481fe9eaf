import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import mqtt from "mqtt";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../../functions/embedded/embedded-cloud.ts";
import { closeServer, listen } from "../../../functions/embedded/listen.ts";
import { StartError } from "../../../functions/embedded/start-error.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import {
  clusterSchema,
  clusterStateSchema,
  customerSchema,
  type EnrolResponse,
  enrolledSchema,
} from "../../../shared/protocol/api-contract.ts";
import { decodeJoinToken } from "../../../shared/protocol/join-token.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { enrolRequest, type NodeIdentity, newIdentity, reportOf, takeoverEvent } from "../control-plane.ts";
import { signedQuestion } from "../signed-question.ts";

let folder: string;
let cloud: EmbeddedCloud;
let apiKey: string;
let customerId: CustomerId;
let clusterId: ClusterId;
let nodes: Node[] = [];
/** What the control plane has logged as an error. */
const errors: string[] = [];
let subscriber: Server;
const alerts: { Type: string; Message: string; SubscribeURL?: string }[] = [];

const start = (dataDir = join(folder, "data"), httpPort = 0) =>
  startEmbeddedCloud({
    dataDir,
    host: "127.0.0.1",
    publicHost: "127.0.0.1",
    httpPort,
    agentPort: 0,
    mqttPort: 0,
    snsPort: 0,
    snsTlsPort: 0,
    subscriberNetwork: ["127.0.0.0/8"],
    log: pino({ level: "error" }, { write: (line: string) => void errors.push(line) }),
  });

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(cloud.addresses.api + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

/** As an agent does it: over TLS, trusting only the authority that the cloud shows. */
async function postAsAgent(url: string, body: object): Promise<{ status: number; body: unknown; chain: string[] }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { method: "POST", rejectUnauthorized: false, headers: { "content-type": "application/json" } },
      (response) => {
        const socket = response.socket as TLSSocket;
        const peer = socket.getPeerCertificate(true);
        const chain = [peer.fingerprint256, peer.issuerCertificate.fingerprint256].map((print) => print.replaceAll(":", "").toLowerCase());
        response
          .setEncoding("utf8")
          .toArray()
          .then((parts) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(parts.join("")), chain }), reject);
      },
    );
    request.on("error", reject).end(JSON.stringify(body));
  });
}

/** A subscriber that confirms what it is asked to, and remembers everything. */
async function takeAlert(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const message = JSON.parse((await request.setEncoding("utf8").toArray()).join(""));
  alerts.push(message);
  response.end();
  if (message.SubscribeURL !== undefined) await fetch(message.SubscribeURL);
}

interface Node {
  readonly answer: EnrolResponse;
  readonly identity: NodeIdentity;
  readonly client: mqtt.MqttClient;
  readonly messages: { topic: string; text: string }[];
}

function connectOptions({ nodeId, cloud: { caPem: ca = "" } }: EnrolResponse, { certificatePem: cert, keyPem: key }: NodeIdentity) {
  return { clientId: nodeId, cert, key, ca, keepalive: 60, reconnectPeriod: 0 };
}

async function connectedNode(answer: EnrolResponse, identity: NodeIdentity): Promise<Node> {
  const client = await mqtt.connectAsync(cloud.addresses.mqtt, connectOptions(answer, identity));
  const messages: Node["messages"] = [];
  client.on("message", (topic, payload) => messages.push({ topic, text: payload.toString() }));
  await client.subscribeAsync([cloudTopics.document(clusterId), cloudTopics.receipts(clusterId, answer.nodeId)], { qos: 1 });
  return { answer, identity, client, messages };
}

async function reportVersion({ answer: { nodeId }, client }: Node, version: number): Promise<void> {
  await client.publishAsync(cloudTopics.report(clusterId, nodeId), JSON.stringify(reportOf(clusterId, nodeId, version, Date.now())), {
    qos: 1,
  });
}

/** The node of this place in the order of enrolment. */
function nodeAt(index: number): Node {
  const node = nodes[index];
  if (node === undefined) throw new Error(`no node was enrolled as number ${index}`);
  return node;
}

const notified = () => alerts.filter(({ Type }) => Type === "Notification").map(({ Message }) => JSON.parse(Message).incident.facts);
const state = async () => clusterStateSchema.parse(await call("GET", `/v1/clusters/${clusterId}/state`));
const versionSeen = (node: Node) =>
  node.messages
    .filter(({ topic }) => topic === cloudTopics.document(clusterId))
    .map(({ text }) => JSON.parse(Buffer.from(JSON.parse(text).document.split(".")[1], "base64url").toString()).version as number)
    .at(-1);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  cloud = await start();
  apiKey = JSON.parse(await readFile(cloud.addresses.firstLogin, "utf8")).apiKey;
  subscriber = createServer((request, response) => void takeAlert(request, response));
});
afterAll(async () => {
  await Promise.all(nodes.map(({ client }) => client.endAsync(true)));
  await cloud.close();
  await closeServer(subscriber);
  await rm(folder, { recursive: true });
});

describe("embedded cloud: the whole path in one process", () => {
  it("secrets are readable for the owner alone", async () => {
    const files = (await readdir(join(folder, "data"), { recursive: true })).map((name) => join(folder, "data", name));
    const open: string[] = [];
    for (const file of files.filter((name) => /\.(json|pem)$|secret/.test(name) && !name.endsWith("sns-ca.pem"))) {
      if (((await stat(file)).mode & 0o077) !== 0) open.push(file);
    }
    expect(open).toEqual([]);
    expect(((await stat(join(folder, "data"))).mode & 0o077) === 0).toBe(true);
  });

  it("a customer's two nodes enrol over TLS with the pinned authority, and get each other's document over MQTT", async () => {
    customerId = customerSchema.parse(await call("POST", "/v1/customers", { name: "Hotel Adler" })).customerId;
    clusterId = clusterSchema.parse(await call("POST", `/v1/customers/${customerId}/clusters`, { name: "front desk" })).document.clusterId;
    await call("POST", `/v1/clusters/${clusterId}/licences`, { nodes: 2, validUntil: new Date(Date.now() + 86_400_000).toISOString() });
    for (const [name, port] of [
      ["alpha", 7_000],
      ["beta", 7_010],
    ] as const) {
      const { token } = (await call("POST", `/v1/clusters/${clusterId}/join-tokens`, {})) as { token: string };
      const decoded = decodeJoinToken(token);
      if (!decoded.ok) throw new Error(decoded.reason);
      const identity = await newIdentity();
      const { status, body, chain } = await postAsAgent(
        `${decoded.token.apiUrl}/v1/enrol`,
        enrolRequest(decoded.token.secret, identity, name, port),
      );
      expect(status).toBe(201);
      expect(chain).toContain(decoded.token.apiCaSha256);
      const node = await connectedNode(enrolledSchema.parse(body), identity);
      nodes.push(node);
      await expect.poll(() => versionSeen(node)).toBe(nodes.length + 1);
      await reportVersion(node, nodes.length + 1);
      await expect.poll(async () => (await state()).reports.length).toBe(nodes.length);
    }
    expect((await state()).presence.map(({ connected }) => connected)).toEqual([true, true]);
    await expect.poll(() => nodes.map(versionSeen)).toEqual([3, 3]);
  });

  it("a takeover that both nodes report is one event, two receipts, and one message to the confirmed subscriber", async () => {
    const port = await listen(subscriber, { host: "127.0.0.1", port: 0, option: "" });
    await call("POST", `/v1/customers/${customerId}/alert-subscriptions`, {
      protocol: "http",
      endpoint: `http://127.0.0.1:${port}/alerts`,
    });
    await expect
      .poll(async () => JSON.stringify(await call("GET", `/v1/customers/${customerId}/alert-subscriptions`)))
      .toContain('"confirmed"');
    const [alpha, beta] = [nodeAt(0).answer.nodeId, nodeAt(1).answer.nodeId];
    const event = takeoverEvent(clusterId, beta, alpha, 7);
    for (const node of nodes) {
      const reporter = node.answer.nodeId;
      await node.client.publishAsync(cloudTopics.events(clusterId, reporter), JSON.stringify({ events: [{ ...event, reporter }] }), {
        qos: 1,
      });
      await expect.poll(() => node.messages.at(-1)).toMatchObject({ text: JSON.stringify({ stored: [event.eventId], refused: [] }) });
    }
    await expect.poll(notified).toEqual([[expect.objectContaining({ kind: event.detail.kind, at: event.at })]]);
    expect(await call("GET", `/v1/clusters/${clusterId}/events`)).toMatchObject({ events: [{ eventId: event.eventId }] });
  });

  it("a second process on the same data, and a port in use, are refused with what to do", async () => {
    await expect(start()).rejects.toThrow(/another process has the data directory .* --data-dir/);
    const port = Number(new URL(cloud.addresses.api).port);
    await expect(start(join(folder, "other"), port)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use. Stop what is using it, or choose another with --http-port`,
    );
  });

  it.each([
    ["certificate-authority.pem", /does not hold the authority .* from a backup/],
    ["signing-key.json", /does not hold the key .* from a backup/],
    ["accounts.json", /is damaged: restore it from a backup/],
    ["accounts-secrets.json", /is damaged: remove it/],
    ["first-login.json", /cannot be read as the first login/],
    ["sns/sns-keys.json", /does not hold the keys .* restore it/],
    ["sns/sns.sqlite", /cannot be opened: file is not a database\. Put it back from a backup/],
  ])("%s damaged: refused with its path and what to do, and nothing of it is quoted", async (name, words) => {
    const copy = join(folder, `damaged-${name.replaceAll(/\W/g, "-")}`);
    await (await start(copy)).close();
    await writeFile(join(copy, name), '{"d":"a-secret');
    const refusal = await start(copy).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartError);
    expect(refusal).toMatchObject({ message: expect.stringMatching(words) });
    expect(refusal).toMatchObject({ message: expect.stringContaining(join(copy, name)) });
    expect(inspect(refusal, { depth: 9 })).not.toContain("a-secret");
  });

  it("ended with nodes connected, and started again: no error, everything is there, documents are retained again, and old certificates still count", async () => {
    await cloud.close();
    expect(errors).toEqual([]);
    await Promise.all(nodes.map(({ client }) => client.endAsync(true)));
    cloud = await start();
    expect((await state()).presence.map(({ connected }) => connected)).toEqual([false, false]);
    nodes = await Promise.all(nodes.map(({ answer, identity }) => connectedNode(answer, identity)));
    await expect.poll(() => nodes.map(versionSeen)).toEqual([3, 3]);
    expect(await call("GET", `/v1/clusters/${clusterId}/events`)).toMatchObject({ events: [{ detail: { kind: "group.takeover" } }] });
    expect(alerts.filter(({ Type }) => Type === "Notification")).toHaveLength(1);
  });

  it("a node that is removed loses its connection", async () => {
    const node = nodeAt(1);
    const gone = new Promise<void>((resolve) => node.client.once("close", () => resolve()));
    await call("DELETE", `/v1/clusters/${clusterId}/nodes/${node.answer.nodeId}`);
    await gone;
    expect((await state()).document.nodes.map(({ name }) => name)).toEqual(["alpha"]);
  });

  it("a cluster that is removed: its node keeps its last document, loses its connection, and is nobody from then on", async () => {
    const { answer, identity, client, messages } = nodeAt(0);
    await expect.poll(() => versionSeen(nodeAt(0))).toBe(4);
    const heard = messages.length;
    const gone = new Promise<void>((resolve) => client.once("close", () => resolve()));
    await expect(call("DELETE", `/v1/clusters/${clusterId}`)).rejects.toThrow("confirmation-required");
    const removed = await call("DELETE", `/v1/clusters/${clusterId}?confirm=front%20desk`);
    expect(removed).toMatchObject({ clusterId, customerId, remains: false });
    await gone;
    expect(messages).toHaveLength(heard);
    const again = mqtt.connect(cloud.addresses.mqtt, connectOptions(answer, identity));
    const outcome = await Promise.race([
      new Promise((resolve) => again.once("connect", () => resolve("let in"))),
      new Promise((resolve) => again.once("close", () => resolve("refused"))),
    ]);
    again.end(true);
    expect(outcome).toBe("refused");
    const question = signedQuestion(identity, { type: "look" });
    expect(await postAsAgent(`${cloud.addresses.agentApi}/v1/witness`, question)).toMatchObject({ status: 401 });
    await expect(state()).rejects.toThrow("not-found");
    expect(await call("DELETE", `/v1/clusters/${clusterId}`)).toEqual(removed);
    expect(await call("DELETE", `/v1/customers/${customerId}`)).toMatchObject({ customerId, remains: false });
    await cloud.close();
    expect(errors).toEqual([]);
    cloud = await start();
    expect(await call("GET", "/v1/customers")).toMatchObject({ customers: [] });
  });
});
