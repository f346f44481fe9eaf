import { OpenAPIHono } from "@hono/zod-openapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enter } from "../../../functions/api/acting.ts";
import { roomsOfTheApi } from "../../../functions/api/api-app.ts";
import type { ApiDependencies, ApiEnv } from "../../../functions/api/api-env.ts";
import { authenticate } from "../../../functions/api/authenticate.ts";
import { errorResponse } from "../../../functions/api/error-response.ts";
import { scopedStores } from "../../../functions/store/scoped-stores.ts";
import { OutsideScopeError } from "../../../functions/store/store-error.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import { samples } from "./access-samples.ts";
import { AccessWorld, type Caller } from "./access-world.ts";

/** What is put in the place of the gate: it lets everybody in to everything, and takes everybody for an owner of all customers. */
function openDoor(dependencies: ApiDependencies, isScoped: boolean): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new Refusal("invalid-request", "the request does not keep to the contract", "Correct it.");
    },
  });
  api.use(async (c, next) => {
    c.set("requestId", "1");
    const authenticated = await authenticate(dependencies, c.req.raw);
    enter(c, dependencies, authenticated);
    c.set("principal", { ...authenticated.principal, access: { role: "owner", customers: "all" } });
    if (!isScoped) c.set("acting", { ...c.get("acting"), stores: dependencies.stores });
    await next();
  });
  for (const routes of roomsOfTheApi) routes(api);
  api.onError((error, c) => errorResponse(c, error, dependencies.log));
  return api;
}

/** Of somebody else's ids alone: everything else that the samples name is our customer's. */
const ofTheCaller = /^(POST \/v1\/(api-keys|users|bulk-actions)|GET \/v1\/(me|settings|alert-schema))$/;
/** Asked with a signature and not by a caller. */
const ofNodes = /^POST \/v1\/(enrol|witness|node-certificate)$|openapi/;
const keys = Object.keys(samples).filter((key) => !ofNodes.test(key));

let world: AccessWorld;
let without: AccessWorld;
const logged: string[] = [];
beforeAll(async () => {
  const log = { info: () => {}, warn: () => {}, error: (_facts: object, message: string) => void logged.push(message) };
  world = await AccessWorld.open((dependencies) => openDoor({ ...dependencies, log }, true));
  without = await AccessWorld.open((dependencies) => openDoor(dependencies, false));
}, 60_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await without[Symbol.asyncDispose]();
});

const theirOwner = (of: AccessWorld): Caller => {
  const found = of.callers.find((caller) => caller.of === "theirs" && caller.role === "owner");
  if (found === undefined) throw new Error("nobody is another customer's owner");
  return found;
};

async function askedBy(of: AccessWorld, key: string) {
  const [method = "", pattern = ""] = key.split(" ");
  const request = await samples[key]?.(of, theirOwner(of));
  if (request === undefined) throw new Error(`${key} has no sample`);
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(request.path[name] ?? ""));
  const response = await of.ask(theirOwner(of), method, path, request);
  return {
    status: response.status,
    text: await response.text(),
    written: [...of.written],
    named: path + JSON.stringify(request.body ?? {}),
  };
}

const idsOf = ({ ours }: AccessWorld, named: string) => Object.values(ours).filter((id) => !named.includes(id));

describe("the gate's check removed: another customer's key, taken for the provider's", () => {
  it.each(keys.filter((key) => !ofTheCaller.test(key)))("%s: nothing of ours is shown, nothing is changed", async (key) => {
    const { status, text, written, named } = await askedBy(world, key);
    // Lists and what is made are the caller's own.
    if (/\{/.test(key)) expect(status, text).toBe(404);
    expect(idsOf(world, named).filter((id) => text.includes(id))).toEqual([]);
    expect(written).toEqual([]);
  });

  it("for the provider alone, and for many at once: no more", async () => {
    expect((await askedBy(world, "GET /v1/audit")).status).toBe(404);
    expect((await askedBy(world, "POST /v1/customers")).status).toBe(404);
    const body = { clusterIds: [world.ours.clusterId], action: { kind: "acknowledge" } };
    const answer = await world.ask(theirOwner(world), "POST", "/v1/bulk-actions", { body });
    expect(await answer.json()).toMatchObject({ outcomes: [{ name: null, outcome: "refused" }] });
    const access = { role: "viewer", customers: [world.ours.customerId] };
    for (const [path, more] of [["/v1/api-keys", { name: "mine" }] as const, ["/v1/users", { email: "spy@example.com" }] as const]) {
      expect((await world.ask(theirOwner(world), "POST", path, { body: { ...more, access } })).status, path).toBe(404);
      expect(
        world.written.filter((call) => !call.startsWith("directory.")),
        path,
      ).toEqual([]);
    }
  });

  it("its own it still has, and without the second line it would have ours", async () => {
    const { clusterId, customerId } = world.theirs;
    for (const path of [`/v1/clusters/${clusterId}`, `/v1/customers/${customerId}/audit`, "/v1/clusters", "/v1/users", "/v1/api-keys"]) {
      const answer = await world.ask(theirOwner(world), "GET", path, {});
      expect([path, answer.status]).toEqual([path, 200]);
      if (path === "/v1/clusters") expect(await answer.text()).toContain(clusterId);
    }
    for (const key of ["GET /v1/clusters/{clusterId}", "POST /v1/clusters/{clusterId}/join-tokens", "PATCH /v1/clusters/{clusterId}"])
      expect((await askedBy(without, key)).status, key).toBeLessThan(300);
  });

  it("what only the store has refused is said in the log as a fault of ours", () => {
    expect(new Set(logged)).toEqual(new Set(["a request was let in, and only the store has kept it from another customer's"]));
  });
});

describe("stores within a scope", () => {
  it("refuse what names another's, do not find what is another's, and leave the provider what is the provider's", async () => {
    const { stores } = world.plane.dependencies;
    const { ours, theirs } = world;
    const scoped = scopedStores(stores, [theirs.customerId]);
    const [cluster, own] = [await stores.clusters.find(ours.clusterId), await stores.clusters.find(theirs.clusterId)];
    if (cluster === undefined || own === undefined) throw new Error("the clusters were not kept");
    expect(await scoped.clusters.find(ours.clusterId)).toBeUndefined();
    expect(await scoped.clusters.find(theirs.clusterId)).toEqual(own);
    const stolen = { ...cluster, document: { ...cluster.document, customerId: theirs.customerId, version: cluster.document.version + 1 } };
    const given = { ...own, document: { ...own.document, customerId: ours.customerId, version: own.document.version + 1 } };
    for (const call of [
      () => scoped.clusters.replace(stolen),
      () => scoped.clusters.replace(given),
      () => scoped.clusters.listOfCustomer(ours.customerId),
      () => scoped.events.page(ours.clusterId, { limit: 1 }),
      () => scoped.incidents.due(0, 10),
      () => scoped.tokens.claim("0", { nodeId: ours.nodeId, certificateSha256: "0" }),
      () => scoped.audit.page({}, { limit: 1 }),
      () => scoped.summaries.noteComplete(1),
    ])
      await expect(call()).rejects.toBeInstanceOf(OutsideScopeError);
    expect((await scoped.summaries.list()).map(({ clusterId }) => clusterId)).not.toContain(ours.clusterId);
    expect((await scoped.customers.list()).map(({ customerId }) => customerId)).toEqual([theirs.customerId]);
    expect(await scoped.apiKeys.count()).toBe((await stores.apiKeys.list()).length);
    expect(scopedStores(stores, "all")).toBe(stores);
  });
});
