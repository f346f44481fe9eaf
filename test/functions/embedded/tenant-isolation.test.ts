import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../../functions/embedded/embedded-cloud.ts";
import { secretHash } from "../../../functions/store/table-keys.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { clusterSchema, customerSchema, enrolledSchema } from "../../../shared/protocol/api-contract.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { Approver } from "../../agent/approver.ts";
import { enrolRequest, newIdentity, secretOf, takeoverEvent } from "../control-plane.ts";
import { HttpInbox } from "./sns/http-inbox.ts";

let folder: string;
let cloud: EmbeddedCloud;
let key: string;

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(cloud.addresses.api + path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> };
}

/** A customer with everything that a customer can have. */
async function newTenant(name: string) {
  const { customerId } = customerSchema.parse((await call("POST", "/v1/customers", { name })).json);
  const created = await call("POST", `/v1/customers/${customerId}/clusters`, { name: `hall of ${name}` });
  const { clusterId } = clusterSchema.parse(created.json).document;
  const validUntil = new Date(Date.now() + 86_400_000).toISOString();
  const { licenceId, signed } = (await call("POST", `/v1/clusters/${clusterId}/licences`, { nodes: 2, users: 64, validUntil })).json;
  const token = String((await call("POST", `/v1/clusters/${clusterId}/join-tokens`, {})).json["token"]);
  const identity = await newIdentity();
  const enrolled = enrolledSchema.parse((await call("POST", "/v1/enrol", enrolRequest(secretOf(token), identity, `node of ${name}`))).json);
  const { nodeId } = enrolled;
  const openToken = String((await call("POST", `/v1/clusters/${clusterId}/join-tokens`, {})).json["token"]);

  const inbox = await HttpInbox.open();
  const subscriptions = `/v1/customers/${customerId}/alert-subscriptions`;
  const { subscriptionId } = (await call("POST", subscriptions, { protocol: "http", endpoint: inbox.url })).json;
  await inbox.waitFor(1);
  expect((await fetch(inbox.message(0)["SubscribeURL"] ?? "")).status).toBe(200);

  const client = await mqtt.connectAsync(cloud.addresses.mqtt, {
    clientId: nodeId,
    cert: identity.certificatePem,
    key: identity.keyPem,
    ca: enrolled.cloud.caPem ?? "",
    keepalive: 60,
    reconnectPeriod: 0,
  });
  const event = takeoverEvent(clusterId, nodeId, `node_${"0".repeat(20)}` as NodeId, 1);
  await client.publishAsync(cloudTopics.events(clusterId, nodeId), JSON.stringify({ events: [event] }), { qos: 1 });
  await inbox.waitFor(2);
  await client.endAsync();
  return {
    customerId,
    clusterId,
    nodeId,
    licenceId: String(licenceId),
    signedLicence: String(signed),
    tokenId: secretHash(secretOf(openToken)),
    subscriptionId: String(subscriptionId),
    inbox,
  };
}

type Tenant = Awaited<ReturnType<typeof newTenant>>;
let ours: Tenant;
let theirs: Tenant;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  const anyPort = { httpPort: 0, agentPort: 0, mqttPort: 0, snsPort: 0, snsTlsPort: 0 };
  const local = { host: "127.0.0.1", publicHost: "127.0.0.1" };
  cloud = await startEmbeddedCloud({
    dataDir: join(folder, "data"),
    ...local,
    ...anyPort,
    subscriberNetwork: ["127.0.0.0/8"],
    log: pino({ level: "silent" }),
  });
  key = JSON.parse(await readFile(cloud.addresses.firstLogin, "utf8")).apiKey;
  ours = await newTenant("Adler");
  theirs = await newTenant("Bär");
});
afterAll(async () => {
  await ours.inbox[Symbol.asyncDispose]();
  await theirs.inbox[Symbol.asyncDispose]();
  await cloud.close();
  await rm(folder, { recursive: true });
});

const trigger = { source: { kind: "webhook" }, actions: [{ kind: "command", name: "bells", command: "ring" }] };
const group = { order: [] as string[], resources: [], failback: { mode: "manual" } };

/** Every route below one customer or cluster, asked about ours in a way that would show theirs, or change it, were the two not kept apart. */
const routes: Readonly<Record<string, { readonly status: number; readonly ask: () => ReturnType<typeof call> }>> = {
  "get /v1/customers/{customerId}": { status: 200, ask: () => call("GET", `/v1/customers/${ours.customerId}`) },
  "delete /v1/customers/{customerId}": { status: 409, ask: () => call("DELETE", `/v1/customers/${ours.customerId}?confirm=B%C3%A4r`) },
  "get /v1/customers/{customerId}/clusters": { status: 200, ask: () => call("GET", `/v1/customers/${ours.customerId}/clusters`) },
  "post /v1/customers/{customerId}/clusters": {
    status: 201,
    ask: () => call("POST", `/v1/customers/${ours.customerId}/clusters`, { name: "hall of Bär" }),
  },
  "get /v1/customers/{customerId}/alert-subscriptions": {
    status: 200,
    ask: () => call("GET", `/v1/customers/${ours.customerId}/alert-subscriptions`),
  },
  "post /v1/customers/{customerId}/alert-subscriptions": {
    status: 201,
    ask: () =>
      call("POST", `/v1/customers/${ours.customerId}/alert-subscriptions`, { protocol: "http", endpoint: "http://127.0.0.1:9/ours" }),
  },
  "delete /v1/customers/{customerId}/alert-subscriptions/{subscriptionId}": {
    status: 404,
    ask: () => call("DELETE", `/v1/customers/${ours.customerId}/alert-subscriptions/${encodeURIComponent(theirs.subscriptionId)}`),
  },
  "get /v1/customers/{customerId}/audit": { status: 200, ask: () => call("GET", `/v1/customers/${ours.customerId}/audit?before=999999`) },
  "get /v1/clusters/{clusterId}": { status: 200, ask: () => call("GET", `/v1/clusters/${ours.clusterId}`) },
  "delete /v1/clusters/{clusterId}": {
    status: 409,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}?confirm=${encodeURIComponent("hall of Bär")}`),
  },
  "get /v1/clusters/{clusterId}/events": {
    status: 200,
    ask: () =>
      call("GET", `/v1/clusters/${ours.clusterId}/events?from=${encodeURIComponent(`999999999999999#${theirs.clusterId}/default/1/x`)}`),
  },
  "get /v1/clusters/{clusterId}/licences": { status: 200, ask: () => call("GET", `/v1/clusters/${ours.clusterId}/licences`) },
  "post /v1/clusters/{clusterId}/licences": {
    status: 201,
    ask: () => call("POST", `/v1/clusters/${ours.clusterId}/licences`, { nodes: 1, validUntil: "2099-01-01T00:00:00Z" }),
  },
  "post /v1/clusters/{clusterId}/licences/import": {
    status: 400,
    ask: async () => call("POST", `/v1/clusters/${ours.clusterId}/licences/import`, { signed: theirs.signedLicence }),
  },
  "delete /v1/clusters/{clusterId}/licences/{licenceId}": {
    status: 404,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/licences/${theirs.licenceId}`),
  },
  "post /v1/clusters/{clusterId}/trial": { status: 409, ask: () => call("POST", `/v1/clusters/${ours.clusterId}/trial`) },
  "get /v1/clusters/{clusterId}/licence-standing": {
    status: 200,
    ask: () => call("GET", `/v1/clusters/${ours.clusterId}/licence-standing`),
  },
  "put /v1/clusters/{clusterId}/devices": {
    status: 200,
    ask: () => {
      const counts = { ipStations: 1, sipStations: 2, softClients: 0, amplifierChannels: 0, ioModules: 0 };
      return call("PUT", `/v1/clusters/${ours.clusterId}/devices`, counts);
    },
  },
  "put /v1/clusters/{clusterId}/primary": {
    status: 404,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/primary`, { nodeId: theirs.nodeId }),
  },
  "post /v1/clusters/{clusterId}/join-tokens": { status: 201, ask: () => call("POST", `/v1/clusters/${ours.clusterId}/join-tokens`, {}) },
  "get /v1/clusters/{clusterId}/join-tokens": { status: 200, ask: () => call("GET", `/v1/clusters/${ours.clusterId}/join-tokens`) },
  "delete /v1/clusters/{clusterId}/join-tokens/{tokenId}": {
    status: 404,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/join-tokens/${theirs.tokenId}`),
  },
  "put /v1/clusters/{clusterId}/groups/{group}": {
    status: 400,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/groups/default`, { ...group, order: [theirs.nodeId] }, { "if-match": '"2"' }),
  },
  "delete /v1/clusters/{clusterId}/groups/{group}": {
    status: 404,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/groups/of-theirs`, undefined, { "if-match": '"2"' }),
  },
  "put /v1/clusters/{clusterId}/data-sets/{dataSet}": {
    status: 400,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/data-sets/calls`, { kind: "state", group: "of-theirs" }, { "if-match": '"2"' }),
  },
  "delete /v1/clusters/{clusterId}/data-sets/{dataSet}": {
    status: 404,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/data-sets/of-theirs`, undefined, { "if-match": '"2"' }),
  },
  "get /v1/clusters/{clusterId}/approval": { status: 200, ask: () => call("GET", `/v1/clusters/${ours.clusterId}/approval`) },
  "put /v1/clusters/{clusterId}/approval": {
    status: 400,
    ask: async () => {
      const { document } = clusterSchema.parse((await call("GET", `/v1/clusters/${theirs.clusterId}`)).json);
      return call("PUT", `/v1/clusters/${ours.clusterId}/approval`, await (await Approver.create()).sign(document, 1));
    },
  },
  "get /v1/clusters/{clusterId}/triggers": { status: 200, ask: () => call("GET", `/v1/clusters/${ours.clusterId}/triggers`) },
  "put /v1/clusters/{clusterId}/triggers/{trigger}": {
    status: 400,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/triggers/nightly`, { ...trigger, group: "of-theirs" }, { "if-match": '"2"' }),
  },
  "delete /v1/clusters/{clusterId}/triggers/{trigger}": {
    status: 200,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/triggers/of-theirs`, undefined, { "if-match": '"2"' }),
  },
  "post /v1/clusters/{clusterId}/triggers/{trigger}/token": {
    status: 404,
    ask: () => call("POST", `/v1/clusters/${ours.clusterId}/triggers/of-theirs/token`),
  },
  "put /v1/clusters/{clusterId}/when-alone": {
    status: 200,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/when-alone`, { whenAlone: "survivor" }),
  },
  "delete /v1/clusters/{clusterId}/nodes/{nodeId}": {
    status: 404,
    ask: () => call("DELETE", `/v1/clusters/${ours.clusterId}/nodes/${theirs.nodeId}`),
  },
  "patch /v1/clusters/{clusterId}/nodes/{nodeId}": {
    status: 404,
    ask: () => call("PATCH", `/v1/clusters/${ours.clusterId}/nodes/${theirs.nodeId}`, { name: "taken" }),
  },
  "patch /v1/clusters/{clusterId}": { status: 200, ask: () => call("PATCH", `/v1/clusters/${ours.clusterId}`, { name: "ours" }) },
  "put /v1/clusters/{clusterId}/cloud-witness": {
    status: 200,
    ask: () => call("PUT", `/v1/clusters/${ours.clusterId}/cloud-witness`, { cloudWitness: "off" }),
  },
  ...readOnly("clusters/{clusterId}", "state", "preflight", "availability", "alerts", "incidents"),
  ...readOnly("customers/{customerId}", "availability", "alert-settings", "dead-letters", "maintenance"),
  "post /v1/clusters/{clusterId}/incidents/{number}/acknowledgement": {
    status: 404,
    ask: () => call("POST", `/v1/clusters/${ours.clusterId}/incidents/999/acknowledgement`),
  },
  "post /v1/clusters/{clusterId}/test-alerts": { status: 201, ask: () => call("POST", `/v1/clusters/${ours.clusterId}/test-alerts`, {}) },
  "put /v1/customers/{customerId}/alert-settings": {
    status: 200,
    ask: () => call("PUT", `/v1/customers/${ours.customerId}/alert-settings`, { escalateAfterMinutes: null, silentAfterSeconds: 90 }),
  },
  "post /v1/customers/{customerId}/maintenance": {
    status: 201,
    ask: () => {
      const [startsAt, endsAt] = ["2099-01-01T00:00:00.000Z", "2099-01-01T01:00:00.000Z"];
      return call("POST", `/v1/customers/${ours.customerId}/maintenance`, { startsAt, endsAt, reason: "new switch" });
    },
  },
  "delete /v1/customers/{customerId}/maintenance/{windowId}": {
    status: 404,
    ask: () => call("DELETE", `/v1/customers/${ours.customerId}/maintenance/00000000-0000-4000-8000-000000000000`),
  },
  "post /v1/customers/{customerId}/dead-letters/redrive": {
    status: 200,
    ask: () => call("POST", `/v1/customers/${ours.customerId}/dead-letters/redrive`, {}),
  },
};

/** What has been read shows ours alone. */
function readOnly(below: "clusters/{clusterId}" | "customers/{customerId}", ...names: readonly string[]): typeof routes {
  const ask = (name: string) => () =>
    call("GET", `/v1/${below.replace("{clusterId}", ours.clusterId).replace("{customerId}", ours.customerId)}/${name}`);
  return Object.fromEntries(names.map((name) => [`get /v1/${below}/${name}`, { status: 200, ask: ask(name) }]));
}

/** Everything that the control plane knows of a tenant, as its API tells it. */
async function everythingOf({ customerId, clusterId }: Tenant): Promise<readonly unknown[]> {
  const paths = [`customers/${customerId}/clusters`, `customers/${customerId}/alert-subscriptions`];
  const below = ["", "/events", "/licences", "/licence-standing", "/join-tokens"].map((path) => `clusters/${clusterId}${path}`);
  return Promise.all([...paths, ...below].map(async (path) => (await call("GET", `/v1/${path}`)).json));
}

describe("two customers of one provider", () => {
  it("no route below a customer or a cluster is missing here", async () => {
    const { paths } = (await call("GET", "/v1/openapi.json")).json as { paths: Record<string, Record<string, unknown>> };
    const there = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(there.filter((route) => /\{(customerId|clusterId)\}/.test(route)).toSorted()).toEqual(Object.keys(routes).toSorted());
  });

  it.each(Object.entries(routes))("%s: shows nothing of the other, and changes nothing there", async (_route, { status, ask }) => {
    const before = await everythingOf(theirs);
    const answer = await ask();
    expect(answer.status).toBe(status);
    const { inbox, ...foreign } = theirs;
    // A refusal may repeat what the caller has named itself.
    const secrets = status < 400 ? [...Object.values(foreign), inbox.url] : [theirs.customerId, theirs.clusterId, inbox.url];
    expect(secrets.filter((secret) => answer.text.includes(secret))).toEqual([]);
    expect(await everythingOf(theirs)).toEqual(before);
  });

  it("an event of one alerts its own subscribers alone", () => {
    for (const [tenant, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const notifications = tenant.inbox.posts.map(({ body }) => body).filter((body) => body.includes('"Notification"'));
      // Ours has been sent a test, too.
      expect(notifications.length).toBeGreaterThanOrEqual(1);
      for (const notification of notifications) {
        expect(notification).toContain(tenant.clusterId);
        expect(notification).not.toContain(other.clusterId);
      }
    }
  });
});
