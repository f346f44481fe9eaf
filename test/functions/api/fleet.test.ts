import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import type { Access } from "../../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { bulkOutcomesSchema, customerPageSchema, fleetPageSchema } from "../../../shared/protocol/fleet-contract.ts";
import { nodeId } from "../console/sample-cluster.ts";
import { type ControlPlane, startControlPlane, takeoverEvent } from "../control-plane.ts";

interface Tenant {
  readonly customerId: CustomerId;
  readonly clusterIds: readonly ClusterId[];
}

let plane: ControlPlane;
let api: ReturnType<typeof apiApp>;
let adler: Tenant;
let krone: Tenant;
let everything: string;
let adlerOnly: string;

async function tenant(name: string, clusters: number): Promise<Tenant> {
  const { customerId } = await createCustomer(plane.dependencies, { name });
  plane.clock.nowMs += 1_000;
  const clusterIds: ClusterId[] = [];
  for (let number = 1; number <= clusters; number += 1) {
    const resources = [{ kind: "address", name: "phones", address: `192.0.2.${number}/24` } as const];
    const wanted = { name: `${name} ${number}`, timing: "default", dataSets: [], resources } as const;
    clusterIds.push((await createCluster(plane.dependencies, customerId, wanted)).document.clusterId);
  }
  return { customerId, clusterIds };
}

const keyWith = async (access: Access) => (await makeApiKey(plane.dependencies, "test", { name: "test", access, expiresAt: null })).secret;

beforeAll(async () => {
  plane = await startControlPlane();
  api = apiApp({ ...plane.dependencies, session: async () => undefined });
  adler = await tenant("Adler", 3);
  krone = await tenant("Krone", 4);
  everything = await keyWith({ role: "operator", customers: "all" });
  adlerOnly = await keyWith({ role: "operator", customers: [adler.customerId] });
});
afterAll(() => plane.close());

async function get(path: string, key = everything): Promise<Response> {
  return api.request(path, { headers: { authorization: `Bearer ${key}` } });
}
const clusters = async (query: string, key = everything) => fleetPageSchema.parse(await (await get(`/v1/clusters${query}`, key)).json());
async function act(key: string, clusterIds: readonly string[], action: object) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await api.request("/v1/bulk-actions", { method: "POST", headers, body: JSON.stringify({ clusterIds, action }) });
  expect(response.status).toBe(200);
  return bulkOutcomesSchema.parse(await response.json()).outcomes;
}
const inAnHour = (hours: number) => new Date(plane.clock.nowMs + hours * 3_600_000).toISOString();

describe("the fleet over the API", () => {
  it.each(["id", "trouble"])("page by page, by %s: every cluster once, in order, and counted", async (order) => {
    const seen: string[] = [];
    let after = "";
    do {
      const page = await clusters(`?limit=3&order=${order}${after}`);
      expect(page).toMatchObject({ found: 7, counts: { empty: 7, ok: 0, down: 0, degraded: 0, unknown: 0 } });
      seen.push(...page.clusters.map(({ clusterId }) => clusterId));
      after = page.next === undefined ? "" : `&after=${page.next}`;
    } while (after !== "");
    const all = [...adler.clusterIds, ...krone.clusterIds];
    expect(seen).toEqual(order === "id" ? all.toSorted() : all);
  });

  it("a caller of one customer sees and counts that one's alone", async () => {
    const page = await clusters("", adlerOnly);
    expect([page.found, page.counts.empty]).toEqual([3, 3]);
    expect((await clusters(`?customerId=${krone.customerId}`, adlerOnly)).found).toBe(0);
    const { customers } = customerPageSchema.parse(await (await get("/v1/customers", adlerOnly)).json());
    expect(customers.map(({ name }) => name)).toEqual(["Adler"]);
  });

  it.each([
    ["?q=krone%203", 1],
    ["?q=192.0.2.2", 2],
    ["?q=adler&health=empty", 3],
    ["?health=ok", 0],
    ["?incidents=unacknowledged", 0],
  ])("%s finds %i", async (query, found) => {
    expect((await clusters(query)).found).toBe(found);
  });

  it.each(["?limit=201", "?limit=0", "?after=nowhere", "?health=well", "?colour=red"])(
    "%s is refused, with the next step",
    async (query) => {
      const response = await get(`/v1/clusters${query}`);
      expect(response.status).toBe(400);
      expect(apiErrorSchema.parse(await response.json()).error).toMatchObject({
        code: "invalid-request",
        nextStep: expect.stringMatching(/./),
      });
    },
  );

  it("customers page by page, the oldest first", async () => {
    const first = customerPageSchema.parse(await (await get("/v1/customers?limit=1")).json());
    const second = customerPageSchema.parse(await (await get(`/v1/customers?limit=1&after=${first.next}`)).json());
    expect([first, second].flatMap(({ customers }) => customers.map(({ name }) => name))).toEqual(["Adler", "Krone"]);
    expect(second.next).toBeUndefined();
  });
});

describe("the same for many clusters", () => {
  it("maintenance: each has its own window, outcome and entry in the audit log; somebody else's is as little there as what never was", async () => {
    const never = `clus_${"0".repeat(20)}`;
    const [own, theirs] = [adler.clusterIds[0] ?? "", krone.clusterIds[0] ?? ""];
    const action = { kind: "maintenance", startsAt: inAnHour(1), endsAt: inAnHour(2), reason: "new switches" };
    const outcomes = await act(adlerOnly, [own, adler.clusterIds[1] ?? "", theirs, never, own], action);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["done", "done", "refused", "refused"]);
    const [, , foreign, absent] = outcomes;
    expect(foreign).toEqual({ ...absent, clusterId: theirs, message: absent?.message.replace(never, theirs) });
    const { stores } = plane.dependencies;
    const windows = await stores.alertSettings.windows(adler.customerId);
    expect(new Set(windows.map(({ clusterId }) => clusterId))).toEqual(new Set(adler.clusterIds.slice(0, 2)));
    expect(await stores.alertSettings.windows(krone.customerId)).toEqual([]);
    const { entries } = await stores.audit.page({}, { limit: 20 });
    expect(entries.filter(({ action: what }) => what === "maintenance.planned")).toHaveLength(2);
  });

  it("one that cannot be is refused for each, and nothing is planned", async () => {
    const outcomes = await act(everything, krone.clusterIds, {
      kind: "maintenance",
      startsAt: inAnHour(2),
      endsAt: inAnHour(1),
      reason: "x",
    });
    expect(outcomes.map(({ outcome, message }) => [outcome, message])).toEqual(
      krone.clusterIds.map(() => ["refused", "the maintenance window cannot be: it ends before it begins"]),
    );
  });

  it("incidents: what is open is acknowledged, for the others there is nothing to do", async () => {
    const [ill = "" as ClusterId] = krone.clusterIds;
    await recordEvent(plane.dependencies, {
      ...takeoverEvent(ill, nodeId(1), nodeId(2), 2),
      at: new Date(plane.clock.nowMs).toISOString(),
    });
    while ((await dispatchAlerts(plane.dependencies)).more);
    expect((await clusters("?incidents=unacknowledged")).clusters.map(({ clusterId }) => clusterId)).toEqual([ill]);
    const outcomes = await act(everything, krone.clusterIds, { kind: "acknowledge" });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["done", "unchanged", "unchanged", "unchanged"]);
    expect((await clusters("?incidents=unacknowledged")).found).toBe(0);
  });

  it("a subscription is its customer's: once for each", async () => {
    const action = { kind: "subscribe", protocol: "email", endpoint: "noc@example.com" };
    const outcomes = await act(everything, [...adler.clusterIds, ...krone.clusterIds], action);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      "done",
      "unchanged",
      "unchanged",
      "done",
      "unchanged",
      "unchanged",
      "unchanged",
    ]);
  });

  it("a fault of ours in the middle: that one is told as failed, is in the log, and the others are done", async () => {
    const { stores } = plane.dependencies;
    const [, broken, ...rest] = krone.clusterIds;
    const find = stores.incidents.find.bind(stores.incidents);
    const logged: object[] = [];
    const incidents = Object.assign(Object.create(stores.incidents) as typeof stores.incidents, {
      find: async (id: ClusterId) => {
        if (id === broken) throw new Error("the disk is gone");
        return find(id);
      },
    });
    const log = { ...plane.dependencies.log, error: (facts: object) => void logged.push(facts) };
    const failing = apiApp({ ...plane.dependencies, log, stores: { ...stores, incidents }, session: async () => undefined });
    const body = JSON.stringify({ clusterIds: [broken, ...rest], action: { kind: "acknowledge" } });
    const headers = { authorization: `Bearer ${everything}`, "content-type": "application/json" };
    const answer = await failing.request("/v1/bulk-actions", { method: "POST", headers, body });
    const { outcomes } = bulkOutcomesSchema.parse(await answer.json());
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["failed", "unchanged", "unchanged"]);
    expect(logged).toMatchObject([{ clusterId: broken }]);
  });
});
