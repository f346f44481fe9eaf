import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import type { ApiDependencies } from "../../../functions/api/api-env.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { readAuditLog } from "../../../functions/use-cases/read-audit-log.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { Role } from "../../../shared/domain/access/access.ts";
import type { CustomerId } from "../../../shared/domain/ids.ts";
import { auditPageSchema } from "../../../shared/protocol/access-contract.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(async () => plane.close());

/** A customer of its own, with a key; `more`: of the API that it is asked of. */
async function callerOf(role: Role, more: Partial<ApiDependencies> = {}) {
  const { customerId } = await createCustomer(plane.dependencies, { name: "Adler" });
  const api = apiApp({ ...plane.dependencies, ...more });
  const ask = await askerWith(api, role, customerId);
  return { customerId, api, ask };
}

async function askerWith(api: ReturnType<typeof apiApp>, role: Role, customerId: CustomerId) {
  const access = { role, customers: [customerId] };
  const { secret } = await makeApiKey(plane.dependencies, "test", { name: `${role} of one`, access, expiresAt: null });
  return async (path: string, method = "GET", headers: Record<string, string> = {}, body?: object) =>
    api.request(path, {
      method,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

const refusedIn = async (customerId: CustomerId) =>
  (await readAuditLog(plane.dependencies, { customerId }, { limit: 200, outcome: "refused" })).entries;

describe("requests that were refused, in the audit log", () => {
  it("say who asked for what, with which ids, why not, and under which request id; the other customer's log does not have them", async () => {
    const { customerId, ask } = await callerOf("owner");
    const clusterId = await newCluster(plane, 0);
    const theirs = (await plane.dependencies.stores.clusters.find(clusterId))?.document.customerId;
    if (theirs === undefined) throw new Error("the cluster was not kept");
    const answer = await ask(`/v1/clusters/${clusterId}/groups/default`, "PUT", { "if-match": '"1"' }, { order: [] });
    expect(answer.status).toBe(404);
    expect(await refusedIn(customerId)).toMatchObject([
      {
        actor: { kind: "api-key", name: "owner of one", requestId: answer.headers.get("x-request-id") },
        action: "request.refused",
        customerId,
        subject: `/v1/clusters/${clusterId}/groups/default`,
        changes: [],
        refusal: {
          route: "PUT /v1/clusters/{clusterId}/groups/{group}",
          parameters: { clusterId, group: "default" },
          code: "not-found",
          message: `there is no cluster ${clusterId}`,
          unlisted: 0,
        },
      },
    ]);
    expect(await refusedIn(theirs)).toEqual([]);
  });

  it("are listed with the others, without them, and alone: as JSON and as a table whose header leads on", async () => {
    const { customerId, ask } = await callerOf("owner");
    for (const name of ["one", "two", "three"]) expect((await ask(`/v1/nowhere/${name}`)).status).toBe(404);
    const path = `/v1/customers/${customerId}/audit`;
    const actions = async (query: string) =>
      auditPageSchema.parse(await (await ask(`${path}?${query}`)).json()).entries.map(({ action }) => action);
    const refused = "request.refused";
    expect(await actions("")).toEqual([refused, refused, refused, "api-key.created", "customer.created"]);
    expect(await actions("outcome=done")).toEqual(["api-key.created", "customer.created"]);
    expect(await actions("outcome=refused")).toEqual([refused, refused, refused]);
    const first = auditPageSchema.parse(await (await ask(`${path}?outcome=refused&limit=2`)).json());
    expect(first.entries).toHaveLength(2);
    const rest = auditPageSchema.parse(await (await ask(`${path}?outcome=refused&limit=2&before=${first.next}`)).json());
    expect(rest.entries.map(({ subject }) => subject)).toEqual(["/v1/nowhere/one"]);
    expect(rest.next).toBeUndefined();

    const table = await ask(`${path}?outcome=refused&limit=2&csv=entries`);
    const lines = (await table.text()).trimEnd().split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/,refused,request\.refused,api-key,key_\w+,owner of one,.*\/v1\/nowhere\/three/);
    expect(table.headers.get("link")).toBe(`<${path}?outcome=refused&limit=2&csv=entries&before=${first.next}>; rel="next"`);
  });

  it("one caller leaves so many and then so many a minute; the next entry says how many had none", async () => {
    const { customerId, ask } = await callerOf("viewer");
    const most = limits.refusalsListedBurst;
    for (let asked = 0; asked < most + 25; asked += 1) await ask("/v1/nowhere");
    expect(await refusedIn(customerId)).toHaveLength(most);
    plane.clock.nowMs += 60_000;
    await ask("/v1/nowhere");
    const entries = await refusedIn(customerId);
    expect(entries).toHaveLength(most + 1);
    expect(entries.slice(0, 2).map(({ refusal }) => refusal?.unlisted)).toEqual([25, 0]);
  });

  it("nor do all callers of a customer leave more than is theirs together", async () => {
    const [ofCaller, ofCustomer] = [
      { burst: 5, perSecond: 1 / 60 },
      { burst: 12, perSecond: 1 / 60 },
    ];
    const { customerId, api } = await callerOf("viewer", { listing: { ofCaller, ofCustomer } });
    for (let caller = 0; caller < 5; caller += 1) {
      const ask = await askerWith(api, "viewer", customerId);
      for (let asked = 0; asked < 8; asked += 1) await ask("/v1/nowhere");
    }
    expect(await refusedIn(customerId)).toHaveLength(ofCustomer.burst);
  });

  it("asking too often leaves one entry a minute", async () => {
    const { customerId, ask } = await callerOf("viewer", { rates: { signedIn: { perSecond: 0.001, burst: 1 } } });
    for (let asked = 0; asked < 40; asked += 1) await ask("/v1/me");
    plane.clock.nowMs += 60_000;
    for (let asked = 0; asked < 40; asked += 1) await ask("/v1/me");
    expect((await refusedIn(customerId)).map(({ refusal }) => [refusal?.code, refusal?.unlisted])).toEqual([
      ["too-many-requests", 38],
      ["too-many-requests", 0],
    ]);
  });

  it("a path of any length leaves a short entry, and what makes no sense leaves none", async () => {
    const { customerId, ask } = await callerOf("owner");
    await ask(`/v1/${"x".repeat(10_000)}`);
    expect((await ask("/v1/api-keys", "POST", {}, { name: 7 })).status).toBe(400);
    const entries = await refusedIn(customerId);
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries).length).toBeLessThan(2_000);
    expect(entries[0]?.refusal).toMatchObject({ route: "GET", parameters: {} });
  });

  it("clusters that are not the caller's, among many at once: one entry for the request", async () => {
    const { customerId, ask } = await callerOf("operator");
    const clusterIds = [await newCluster(plane, 0), `clus_${"0".repeat(20)}`];
    const answer = await ask("/v1/bulk-actions", "POST", {}, { clusterIds, action: { kind: "acknowledge" } });
    expect(answer.status).toBe(200);
    const [entry, ...more] = await refusedIn(customerId);
    expect(more).toEqual([]);
    expect(entry?.refusal?.message).toMatch(/^refused for 2 of 2 clusters: /);
    for (const clusterId of clusterIds) expect(entry?.refusal?.message).toContain(clusterId);
  });

  it("an answer that is given again by its idempotency key is no other attempt", async () => {
    const { customerId, ask } = await callerOf("owner");
    const stranger = { name: "x", access: { role: "viewer", customers: "all" } };
    const once = async () => (await ask("/v1/api-keys", "POST", { "idempotency-key": "one" }, stranger)).status;
    expect([await once(), await once()]).toEqual([403, 403]);
    expect(await refusedIn(customerId)).toHaveLength(1);
  });

  it("another site's page that makes somebody's browser send a change", async () => {
    const { customerId } = await callerOf("owner");
    const access = { role: "owner", customers: [customerId] } as const;
    const session = async () => ({ userId: "1", email: "ann@example.com", access, csrfToken: "t" });
    const headers = { "sec-fetch-site": "cross-site", "content-type": "application/json" };
    const api = apiApp({ ...plane.dependencies, session });
    expect((await api.request("/v1/api-keys", { method: "POST", headers, body: "{}" })).status).toBe(403);
    expect(await refusedIn(customerId)).toMatchObject([
      { actor: { kind: "person", name: "ann@example.com" }, refusal: { code: "forbidden" } },
    ]);
  });

  it("where the log cannot be written the request is refused all the same, and the log file says so", async () => {
    const logged: object[] = [];
    const { stores, log } = plane.dependencies;
    const audit = { ...stores.audit, append: () => Promise.reject(new Error("away")), page: stores.audit.page.bind(stores.audit) };
    const { ask } = await callerOf("viewer", {
      stores: { ...stores, audit },
      log: { ...log, error: (facts) => void logged.push(facts) },
    });
    const answer = await ask("/v1/nowhere");
    expect(answer.status).toBe(404);
    expect(logged).toMatchObject([{ requestId: answer.headers.get("x-request-id"), code: "not-found" }]);
  });
});
