import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import type { ApiDependencies } from "../../../functions/api/api-env.ts";
import { apiHandler } from "../../../functions/api/handler.ts";
import { closeServer, listen } from "../../../functions/embedded/listen.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { limits } from "../../../shared/config/limits.ts";
import { clusterSchema, clusterStateSchema, enrolledSchema } from "../../../shared/protocol/api-contract.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { clusterPreflightSchema } from "../../../shared/protocol/preflight-schema.ts";
import { type ControlPlane, enrolRequest, newIdentity, reportOf, secretOf, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let dependencies: ApiDependencies;
let server: Server;
let base: string;
let key: string;
beforeAll(async () => {
  plane = await startControlPlane();
  const roles = new Map([
    ["admin", { userId: "1", email: "a@example.com", access: { role: "owner", customers: "all" } as const, csrfToken: "token of a" }],
    ["viewer", { userId: "2", email: "v@example.com", access: { role: "viewer", customers: "all" } as const, csrfToken: "token of v" }],
  ]);
  dependencies = { ...plane.dependencies, session: async (request) => roles.get(request.headers.get("cookie") ?? "") };
  const access = { role: "owner", customers: "all" } as const;
  key = (await makeApiKey(plane.dependencies, "test", { name: "test", access, expiresAt: null })).secret;
  server = createAdaptorServer({ fetch: apiApp(dependencies).fetch }) as Server;
  base = `http://127.0.0.1:${await listen(server, { host: "127.0.0.1", port: 0, option: "--http-port" })}`;
});
afterAll(async () => {
  await closeServer(server);
  await plane.close();
});

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}
async function raw(path: string, { method = "GET", headers = {}, body }: Call = {}): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(base + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: text }),
  });
}
const call = (path: string, options: Call = {}) =>
  raw(path, { ...options, headers: { authorization: `Bearer ${key}`, ...options.headers } });
const problemOf = async (response: Response) => apiErrorSchema.parse(await response.json()).error;

async function newClusterByApi(): Promise<{ customerId: string; clusterId: string }> {
  const { customerId } = (await (await call("/v1/customers", { method: "POST", body: { name: "Hotel Adler" } })).json()) as {
    customerId: string;
  };
  const created = await call(`/v1/customers/${customerId}/clusters`, { method: "POST", body: { name: "front desk" } });
  return { customerId, clusterId: clusterSchema.parse(await created.json()).document.clusterId };
}

describe("API: who may call", () => {
  it.each([
    ["an unknown path", "/v1/secret", {}],
    ["enrolment by another method", "/v1/enrol", {}],
    ["enrolment with a slash too many", "/v1/enrol/", { method: "POST", body: {} }],
    ["a wrong key", "/v1/customers", { headers: { authorization: `Bearer uskey_${"x".repeat(43)}` } }],
    ["a key in another scheme", "/v1/customers", { headers: { authorization: "Basic abc" } }],
    ["a cookie of nobody's", "/v1/customers", { headers: { cookie: "guess" } }],
  ])("%s is refused", async (_situation, path, options) => {
    const response = await raw(path, options);
    expect(response.status).toBe(401);
    expect((await problemOf(response)).code).toBe("not-signed-in");
  });

  it("a session may read, and change things from the console's own pages only; a viewer only reads", async () => {
    const post = (cookie: string, headers: Record<string, string>) =>
      raw("/v1/customers", { method: "POST", body: { name: "N" }, headers: { cookie, ...headers } });
    expect((await raw("/v1/customers", { headers: { cookie: "admin" } })).status).toBe(200);
    expect((await post("admin", { "sec-fetch-site": "same-origin" })).status).toBe(201);
    expect((await post("admin", { origin: base })).status).toBe(201);
    expect((await post("admin", { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await post("admin", { origin: "https://evil.example" })).status).toBe(403);
    expect((await post("admin", {})).status).toBe(403);
    expect((await raw("/v1/customers", { headers: { cookie: "viewer" } })).status).toBe(200);
    expect((await post("viewer", { "sec-fetch-site": "same-origin" })).status).toBe(403);
  });
});

describe("API: its OpenAPI document", () => {
  it("holds patterns that a client can use as they are", async () => {
    const text = await (await raw("/v1/openapi.json")).text();
    const patterns: string[] = [];
    JSON.parse(text, (key, value: unknown) => (key === "pattern" && typeof value === "string" ? patterns.push(value) : value));
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) expect(pattern.endsWith("$") && new RegExp(pattern, "u").source, pattern).toBe(pattern);
  });
});

describe("API: the way of a cluster", () => {
  it("from customer to enrolled node, with state, licences and the version as ETag", async () => {
    const { clusterId } = await newClusterByApi();
    const validUntil = new Date(plane.clock.nowMs + 86_400_000).toISOString();
    expect((await call(`/v1/clusters/${clusterId}/licences`, { method: "POST", body: { nodes: 2, validUntil } })).status).toBe(201);
    const token = (await (await call(`/v1/clusters/${clusterId}/join-tokens`, { method: "POST", body: {} })).json()) as { token: string };
    const request = enrolRequest(secretOf(token.token), await newIdentity(), "alpha");
    const enrolled = enrolledSchema.parse(await (await raw("/v1/enrol", { method: "POST", body: request })).json());
    const cluster = await call(`/v1/clusters/${clusterId}`);
    expect(cluster.headers.get("etag")).toBe('"2"');
    expect(clusterSchema.parse(await cluster.json())).toMatchObject({ licensedNodes: 2, document: { nodes: [{ name: "alpha" }] } });
    const state = clusterStateSchema.parse(await (await call(`/v1/clusters/${clusterId}/state`)).json());
    expect(state).toMatchObject({ reports: [], presence: [] });
    expect(await (await call(`/v1/clusters/${clusterId}/events`)).json()).toEqual({ events: [] });

    const finding = { id: "clock", outcome: "warn", seen: "at least 2.0 s fast" } as const;
    const preflight = { at: new Date(plane.clock.nowMs).toISOString(), ok: 12, findings: [finding], leftOut: 0 };
    const { nodeId } = enrolled;
    const report = { ...reportOf(enrolled.clusterId, nodeId, 2, plane.clock.nowMs), preflight };
    await recordReport(plane.dependencies, { clusterId: enrolled.clusterId, nodeId }, report);
    const looked = clusterPreflightSchema.parse(await (await call(`/v1/clusters/${clusterId}/preflight`)).json());
    const nextStep = expect.stringMatching(/timedatectl/) as string;
    expect(looked.nodes).toEqual([{ nodeId, name: "alpha", report: { ...preflight, findings: [{ ...finding, nextStep }] } }]);
    expect(looked.cluster.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["agent-versions", "ok"],
      ["address-families", "ok"],
      ["node-ports", "ok"],
      ["time-sources", "ok"],
    ]);
  });

  it("a group changed by two at once: the second is refused with the version that is there", async () => {
    const { clusterId } = await newClusterByApi();
    const body = { order: [], resources: [{ kind: "service", name: "phones" }], failback: { mode: "manual" } };
    const put = (version: string | undefined) =>
      call(`/v1/clusters/${clusterId}/groups/default`, {
        method: "PUT",
        body,
        headers: version === undefined ? {} : { "if-match": version },
      });
    expect((await problemOf(await put(undefined))).message).toBe("If-Match is missing");
    expect((await put('"1"')).status).toBe(200);
    const late = await put('"1"');
    expect(late.status).toBe(409);
    expect(late.headers.get("etag")).toBe('"2"');
    expect((await problemOf(late)).message).toBe("the cluster is at version 2, the change was made for version 1");
  });

  it("a data set of records, declared on a cluster that is there", async () => {
    const { clusterId } = await newClusterByApi();
    const put = (body: unknown) => call(`/v1/clusters/${clusterId}/data-sets/calls`, { method: "PUT", body, headers: { "if-match": "1" } });
    expect((await problemOf(await put({ kind: "state" }))).problems).toMatchObject([{ path: expect.stringContaining("group") }]);
    const { document } = clusterSchema.parse(await (await put({ kind: "state", group: "default" })).json());
    expect(document.dataSets).toEqual([{ kind: "state", name: "calls", group: "default", local: [] }]);
  });

  it("a group that would not be sound is refused with every problem", async () => {
    const { clusterId } = await newClusterByApi();
    const order = ["node_00000000000000000000", "node_00000000000000000000"];
    const body = { order, resources: [], failback: { mode: "manual" } };
    const response = await call(`/v1/clusters/${clusterId}/groups/default`, { method: "PUT", body, headers: { "if-match": "1" } });
    expect((await problemOf(response)).problems).toHaveLength(3);
  });
});

describe("API: refusals", () => {
  it.each([
    ["malformed JSON", "/v1/customers", { method: "POST", body: "{" }, 400, "invalid-request"],
    [
      "a body of another kind",
      "/v1/customers",
      { method: "POST", body: "name=x", headers: { "content-type": "text/plain" } },
      400,
      "invalid-request",
    ],
    [
      "a body that is too large",
      "/v1/customers",
      { method: "POST", body: "x".repeat(limits.requestBodyBytesMax + 1) },
      413,
      "body-too-large",
    ],
    ["a malformed id", "/v1/clusters/nonsense", {}, 400, "invalid-request"],
    ["an unknown cluster", "/v1/clusters/clus_00000000000000000000", {}, 404, "not-found"],
    ["an unknown path", "/v1/nothing", {}, 404, "not-found"],
  ])("%s", async (_situation, path, options, status, code) => {
    const response = await call(path, options);
    expect(response.status).toBe(status);
    const problem = await problemOf(response);
    expect(problem.code).toBe(code);
    expect(response.headers.get("x-request-id")).toBe(problem.requestId);
  });

  it("a body of another kind: the kind to send is named", async () => {
    const response = await call("/v1/customers", { method: "POST", body: "name=x", headers: { "content-type": "text/plain" } });
    expect((await problemOf(response)).nextStep).toBe("Send it with `Content-Type: application/json`.");
  });

  it("all problems of a request are told at once", async () => {
    const problem = await problemOf(await call("/v1/customers", { method: "POST", body: { name: "", surplus: 1 } }));
    expect(problem.problems?.map(({ path }) => path)).toEqual(expect.arrayContaining(["name", ""]));
  });

  it("a fault of ours says nothing about our inside", async () => {
    const failing = apiApp({ ...dependencies, stores: { ...dependencies.stores, customers: Object.freeze({}) as never } });
    const response = await failing.request("/v1/customers", { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/TypeError|\.ts|list is not/);
  });

  it("a pending licence, given as already over, is refused with the reason", async () => {
    const { clusterId } = await newClusterByApi();
    const response = await call(`/v1/clusters/${clusterId}/licences`, {
      method: "POST",
      body: { nodes: 2, validUntil: "2020-01-01T00:00:00Z" },
    });
    expect(await problemOf(response)).toMatchObject({ code: "licence-invalid", nextStep: "Give an instant in the future as validUntil." });
  });
});

describe("API on Lambda", () => {
  it("the same app answers an API Gateway event", async () => {
    const event = {
      version: "2.0",
      routeKey: "$default",
      rawPath: "/v1/customers",
      rawQueryString: "",
      headers: { authorization: `Bearer ${key}`, host: "api.example.com" },
      requestContext: { http: { method: "GET", path: "/v1/customers" }, domainName: "api.example.com" },
      isBase64Encoded: false,
    };
    const answer: { statusCode: number; body: string } = await apiHandler(dependencies)(event as never);
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ customers: expect.any(Array) });
  });
});
