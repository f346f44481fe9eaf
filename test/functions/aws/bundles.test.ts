import { KMSClient } from "@aws-sdk/client-kms";
import type { JSONWebKeySet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { successionRequest } from "../../../agent/link/identity.ts";
import { kmsSessionKey } from "../../../functions/aws/kms-session-key.ts";
import { Sessions } from "../../../functions/console/session.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { controlPlaneItself } from "../../../functions/use-cases/audited.ts";
import { functionNames } from "../../../infra/function-bundles.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { signedTypes, verifySigned } from "../../../shared/protocol/signatures.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { Synthesized } from "../../infra/synthesized.ts";
import { enrolRequest, type NodeIdentity, newIdentity, secretOf, takeoverEvent } from "../control-plane.ts";
import { signedQuestion } from "../signed-question.ts";
import { type DeployedFunctions, deployFunctions } from "./deployed-functions.ts";
import { type HttpRequest, httpEvent, lifecycleEvent, queueEvent, ruleEvent, scheduleEvent, streamEvent } from "./recorded-events.ts";

interface HttpAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isBase64Encoded: boolean;
}

/** Parts of answers that the story goes on with. */
interface Answers {
  readonly customerId: string;
  readonly document: { readonly clusterId: ClusterId };
  readonly token: string;
  readonly nodeId: NodeId;
  readonly signingKeys: JSONWebKeySet;
}

const bundleBytesMax = 1_048_576;
/** The construct library is slow to load where other tests run beside this one. */
const synthesisMsMax = 60_000;
let deployed: DeployedFunctions;
let apiKey: string;
let clusterId: ClusterId;
let nodeId: NodeId;
let identity: NodeIdentity;
let signingKeys: JSONWebKeySet;

const http = async (name: "api" | "console" | "witness", request: HttpRequest): Promise<HttpAnswer> =>
  (await (await deployed.lambda(name)).invoke(httpEvent(request))) as HttpAnswer;
const api = async (method: string, path: string, body?: unknown): Promise<Answers> => {
  const answer = await http("api", { method, path, apiKey, ...(body === undefined ? {} : { body }) });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return JSON.parse(answer.body === "" ? "{}" : answer.body) as Answers;
};
const invoke = async (name: Parameters<DeployedFunctions["lambda"]>[0], event: unknown): Promise<unknown> =>
  (await deployed.lambda(name)).invoke(event);
const letIn = () => [...deployed.aws.registry.certificates.keys()].toSorted();
const node = () => ({ clusterId, nodeId, certificateSha256: identity.certificateSha256 });

beforeAll(async () => {
  deployed = await deployFunctions();
  const granted = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
  await expect(invoke("first-owner", { email: "owner@example.com" })).resolves.toMatchObject({ email: "owner@example.com" });
  const { stores } = deployed;
  ({ secret: apiKey } = await makeApiKey({ stores, nowMs: Date.now, actor: controlPlaneItself }, "test", granted));
  const { customerId } = await api("POST", "/v1/customers", { name: "Hotel Adler" });
  ({
    document: { clusterId },
  } = await api("POST", `/v1/customers/${customerId}/clusters`, { name: "front desk" }));
  await api("POST", `/v1/clusters/${clusterId}/licences`, { nodes: 2, validUntil: "2100-01-01T00:00:00Z" });
  const { token } = await api("POST", `/v1/clusters/${clusterId}/join-tokens`, {});
  identity = await newIdentity();
  ({ nodeId, signingKeys } = await api("POST", "/v1/enrol", enrolRequest(secretOf(token), identity, "alpha")));
});

afterAll(() => deployed[Symbol.asyncDispose]());

it("each is one file of at most 1 MiB", () => {
  expect(deployed.bytes.size).toBe(functionNames.length);
  for (const [path, bytes] of deployed.bytes) expect(bytes, path).toBeLessThanOrEqual(bundleBytesMax);
});

describe("first-owner", () => {
  it("has made a sign-in with the password that it told, and makes no second one", async () => {
    expect([...deployed.aws.people.values()]).toEqual([{ email: "owner@example.com", password: expect.stringMatching(/^[\w-]{20}-aA1$/) }]);
    await expect(invoke("first-owner", { email: "thief@example.com" })).rejects.toThrow("this control plane has an owner already");
    await expect(invoke("first-owner", {})).rejects.toThrow("this control plane has an owner already");
  });
});

describe("api", () => {
  it("enrolment lets the node's certificate in, and its document is signed by KMS", async () => {
    const { registry, published } = deployed.aws;
    expect(registry.things.get(nodeId)).toEqual({ clusterId });
    const { status, policies, things } = registry.certificates.get(identity.certificateSha256) ?? {};
    expect({ status, policies: [...(policies ?? [])], things: [...(things ?? [])] }).toEqual({
      status: "ACTIVE",
      policies: ["understudy-node"],
      things: [nodeId],
    });
    const { topic, retain, message } = published.at(-1) ?? {};
    expect({ topic, retain }).toEqual({ topic: cloudTopics.document(clusterId), retain: true });
    const jws = (message as { document: string }).document;
    const payload = { nodes: [{ nodeId, name: "alpha" }] };
    expect(await verifySigned(signedTypes.document, jws, signingKeys)).toMatchObject({ ok: true, payload });
  });

  it("a node's next certificate is let in beside the present one; another one, by a token, leaves neither", async () => {
    const [next, renewed] = [await newIdentity(), await newIdentity()];
    await api("POST", "/v1/node-certificate", successionRequest(identity, next));
    expect(letIn()).toEqual([identity.certificateSha256, next.certificateSha256].toSorted());
    const { token } = await api("POST", `/v1/clusters/${clusterId}/join-tokens`, { nodeId });
    await api("POST", "/v1/enrol", { ...enrolRequest(secretOf(token), renewed, "alpha"), nodeId });
    identity = renewed;
    expect(letIn()).toEqual([renewed.certificateSha256]);
  });

  it("describes itself and the alerts, to whoever asks", async () => {
    const described = await http("api", { method: "GET", path: "/v1/openapi.json" });
    expect(JSON.parse(described.body)).toMatchObject({ paths: { "/v1/alert-schema": { get: {} } } });
    const schema = await http("api", { method: "GET", path: "/v1/alert-schema", apiKey });
    expect(JSON.parse(schema.body)).toMatchObject({ title: "understudy.alert/1", type: "object" });
  });

  it("nobody without a key, and nothing that is not declared", async () => {
    expect(await http("api", { method: "GET", path: "/v1/customers" })).toMatchObject({ statusCode: 401 });
    expect(await http("api", { method: "GET", path: "/v1/nothing", apiKey })).toMatchObject({ statusCode: 404 });
  });
});

describe("ingest and alerts", () => {
  it("a node's events are stored and answered with a receipt; the stream wakes the alerts, which hand one over", async () => {
    const event = takeoverEvent(clusterId, nodeId, nodeId, 7);
    await invoke("ingest", ruleEvent(node(), { events: [event] }));
    const receipt = deployed.aws.published.at(-1);
    expect(receipt).toEqual({
      topic: cloudTopics.receipts(clusterId, nodeId),
      retain: false,
      message: { stored: [event.eventId], refused: [] },
    });
    await invoke("alerts", streamEvent);
    const [alert] = await deployed.stores.outgoingAlerts.history(clusterId, { limit: 1 });
    expect(alert).toMatchObject({ attempts: 0, sentMs: expect.any(Number), messageId: expect.any(String) });
    await invoke("alerts", scheduleEvent);
    expect(await deployed.stores.outgoingAlerts.history(clusterId, { limit: 9 })).toHaveLength(1);
  });

  it("what comes with a certificate that no document names is dropped, and said in the log", async () => {
    const before = deployed.aws.published.length;
    const stranger = await newIdentity();
    await invoke(
      "ingest",
      ruleEvent({ ...node(), certificateSha256: stranger.certificateSha256 }, { events: [takeoverEvent(clusterId, nodeId, nodeId, 8)] }),
    );
    expect(deployed.aws.published).toHaveLength(before);
    expect((await deployed.lambda("ingest")).log).toContain("no cluster document names its sender's certificate");
  });

  it("what is no event of the rule is an error, which Lambda tries again and then sets aside", async () => {
    await expect(invoke("ingest", { payload: "%" })).rejects.toThrow("ZodError");
  });
});

describe("presence and silence", () => {
  it("the newest event counts, whatever the order; one that cannot be read is given back alone", async () => {
    const { certificateSha256 } = identity;
    const nowMs = Date.now();
    const of = (event: Parameters<typeof lifecycleEvent>[2]) => JSON.stringify(lifecycleEvent(nodeId, certificateSha256, event));
    const batch = [
      of({ eventType: "disconnected", timestamp: nowMs + 1, versionNumber: 3 }),
      "no JSON",
      of({ eventType: "connected", timestamp: nowMs, versionNumber: 3 }),
    ];
    expect(await invoke("presence", queueEvent(batch))).toEqual({ batchItemFailures: [{ itemIdentifier: "message-1" }] });
    expect(await deployed.stores.presence.find(clusterId, nodeId)).toMatchObject({ connected: false });
    const back = of({ eventType: "connected", timestamp: nowMs + 5, versionNumber: 4 });
    const late = of({ eventType: "disconnected", timestamp: nowMs + 6, versionNumber: 3, disconnectReason: "DUPLICATE_CLIENTID" });
    expect(await invoke("presence", queueEvent([back, late]))).toEqual({ batchItemFailures: [] });
    expect(await deployed.stores.presence.find(clusterId, nodeId)).toMatchObject({ connected: true });
  });

  it("a node without a connection for too long is told of by the schedule", async () => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    await deployed.stores.presence.put({ clusterId, nodeId, connected: false, since, sequence: (Date.now() + 60_000) * 1_000 });
    await invoke("silence", scheduleEvent);
    expect((await deployed.stores.presence.find(clusterId, nodeId))?.told).toMatchObject({ what: "node" });
  });
});

describe("licences", () => {
  it("the schedule settles every cluster's", async () => {
    await expect(invoke("licences", scheduleEvent)).resolves.toBeNull();
  });
});

describe("summaries", () => {
  it("the schedule sums up a cluster whose last change was not summed up", async () => {
    const { summaries } = deployed.stores;
    const right = await summaries.find(clusterId);
    if (right === undefined) throw new Error("nothing has summed up the cluster");
    const stale = {
      ...right.summary,
      changedAt: "2026-01-01T00:00:00.000Z",
      status: { ...right.summary.status, name: "as it was called before" },
    };
    await summaries.save({ summary: stale, version: right.version + 1 });
    await expect(invoke("summaries", scheduleEvent)).resolves.toBeNull();
    const mended = await summaries.find(clusterId);
    expect(mended?.summary.status.name).toBe("front desk");
    expect(mended?.version).toBe(right.version + 2);
  });
});

describe("witness", () => {
  it("a node's signed question is known as the node's; a stranger's, and every other route, is refused", async () => {
    const body = signedQuestion(identity, { type: "look" });
    const known = await http("witness", { method: "POST", path: "/v1/witness", body });
    expect(JSON.parse(known.body)).toMatchObject({
      error: { code: "not-found", message: `the control plane is no witness of cluster ${clusterId}` },
    });
    const stranger = { method: "POST", path: "/v1/witness", body: signedQuestion(await newIdentity(), { type: "look" }) };
    expect(await http("witness", stranger)).toMatchObject({ statusCode: 401 });
    expect(await http("witness", { method: "GET", path: "/v1/customers", apiKey })).toMatchObject({ statusCode: 404 });
  });
});

describe("console", () => {
  it("sends a stranger to the issuer, and serves its files", async () => {
    expect((await http("console", { method: "GET", path: "/" })).headers["location"]).toMatch(/^\/login/);
    const login = await http("console", { method: "GET", path: "/login" });
    expect(new URL(login.headers["location"] ?? "").pathname).toBe("/issuer/authorize");
    expect(await http("console", { method: "GET", path: "/assets/console.css" })).toMatchObject({ statusCode: 200 });
    const font = await http("console", { method: "GET", path: "/assets/inter-latin.woff2" });
    expect(Buffer.from(font.body, "base64").subarray(0, 4).toString()).toBe("wOF2");
    expect(font.isBase64Encoded).toBe(true);
  });

  it("shows the pages to whoever has a session sealed with the key that KMS makes", async () => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const key = await kmsSessionKey(
      new KMSClient({ endpoint: deployed.aws.url, region: "eu-central-1", credentials }),
      "alias/understudy-sessions",
    );
    const [owner] = await deployed.stores.users.list();
    const sessions = new Sessions({ key, secure: true, nowMs: Date.now, findUser: (id) => deployed.stores.users.find(id) });
    const cookie = (await sessions.start(owner?.userId ?? ""))?.split(";")[0] ?? "";
    const page = await http("console", { method: "GET", path: "/", cookie });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain("Hotel Adler");
    const customerId = /customers\/(cust_\w+)/.exec(page.body)?.[1] ?? "";
    const alerts = await http("console", { method: "GET", path: `/customers/${customerId}/alerts`, cookie });
    expect([alerts.statusCode, alerts.body]).toEqual([200, expect.stringContaining("queue of undelivered alerts")]);
    const refused = await http("api", { method: "GET", path: `/v1/customers/${customerId}/dead-letters`, apiKey });
    expect(JSON.parse(refused.body)).toMatchObject({ error: { nextStep: expect.stringContaining("undelivered-alerts") } });
    const history = await http("api", { method: "GET", path: `/v1/clusters/${clusterId}/alerts`, apiKey });
    expect(JSON.parse(history.body)).toMatchObject({ alerts: [{ sentAt: expect.any(String), deliveries: null }] });
  });
});

it("a node that is removed loses its certificate with the document", async () => {
  await api("DELETE", `/v1/clusters/${clusterId}/nodes/${nodeId}`);
  expect(deployed.aws.registry.things.size).toBe(0);
  expect(deployed.aws.registry.certificates.size).toBe(0);
});

it(
  "what each has asked of AWS in all this is what its role allows",
  () => {
    using synthesized = new Synthesized({}, { checked: false });
    const used = Map.groupBy(deployed.aws.used, ({ by }) => by);
    for (const name of functionNames) {
      const rights = new Set(used.get(name)?.map(({ right }) => right));
      expect(rights.size, name).toBeGreaterThan(0);
      const allowed = synthesized.actionsOf(name);
      expect(
        [...rights].filter((right) => !allowed.has(right)),
        name,
      ).toEqual([]);
    }
  },
  synthesisMsMax,
);
