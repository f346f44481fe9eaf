import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageAccess } from "../../../functions/console/page-access.ts";
import { consoleRoutes } from "../../../functions/console/routes.ts";
import { useCaseConsoleSource } from "../../../functions/console/use-case-console-data.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { readAuditLog } from "../../../functions/use-cases/read-audit-log.ts";
import { createUser } from "../../../functions/use-cases/users.ts";
import type { Access } from "../../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";

const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;

let plane: ControlPlane;
let site: RealConsole;
let ours: { customerId: CustomerId; clusterId: ClusterId };
let theirs: { customerId: CustomerId; clusterId: ClusterId };
beforeAll(async () => {
  plane = await startControlPlane();
  site = await startRealConsole(plane);
  [ours, theirs] = [await tenant(), await tenant()];
});
afterAll(async () => {
  await site.close();
  await plane.close();
});

async function tenant() {
  const clusterId = await newCluster(plane, 2);
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster was not kept");
  return { clusterId, customerId: cluster.document.customerId };
}

const customerIn = async ({ dependencies }: ControlPlane) => (await createCustomer(dependencies, { name: "Adler" })).customerId;

async function visitorWith(access: Access, of: RealConsole = site) {
  const email = `visitor-${Math.random().toString(36).slice(2)}@example.com`;
  const { user, password } = await createUser(of.dependencies, root, { email, access });
  const visitor = new HttpVisitor(of.url);
  const { response } = await visitor.logIn("/", { email, password });
  expect(response.status).toBe(200);
  return { visitor, user, email, csrf: csrfIn(await response.text()) };
}

describe("who may see what in the console", () => {
  it("every page and form of the console stands in the table, and nothing else does", async () => {
    const { identity, sessionKey } = site.accounts;
    const data = useCaseConsoleSource(plane.dependencies);
    const { log } = plane.dependencies;
    const routes = consoleRoutes({
      data,
      findUser: async () => undefined,
      identity,
      sessionKey,
      joinCommand: () => "",
      nowMs: () => 0,
      log,
    });
    const there = routes.routes.filter(({ method, path }) => method !== "ALL" && !/^\/(login|logged-out|assets)/.test(path));
    expect([...new Set(there.map(({ method, path }) => `${method} ${path}`))].toSorted()).toEqual(Object.keys(pageAccess).toSorted());
  });

  it("an owner of one customer: its fleet, its cluster, and nothing of another's, which is as little there as what never was", async () => {
    const { visitor, csrf } = await visitorWith({ role: "owner", customers: [ours.customerId] });
    const fleet = await (await visitor.request("/")).text();
    expect(fleet).toContain(ours.clusterId);
    expect(fleet).not.toContain(theirs.clusterId);
    expect((await visitor.request(`/clusters/${ours.clusterId}`)).status).toBe(200);
    const never = `/clusters/clus_${"0".repeat(20)}`;
    for (const path of [`/clusters/${theirs.clusterId}`, `/customers/${theirs.customerId}`, `/customers/${theirs.customerId}/audit`]) {
      const refused = await visitor.request(path);
      expect(refused.status).toBe(404);
      expect(await refused.text()).not.toContain(theirs.clusterId);
    }
    expect(await (await visitor.request(`/clusters/${theirs.clusterId}`)).text()).toBe(await (await visitor.request(never)).text());
    expect((await visitor.post(`/clusters/${theirs.clusterId}/join-tokens`, { csrf, role: "node" })).status).toBe(404);
    expect((await visitor.post("/customers", { csrf, name: "Own" })).status).toBe(403);
    expect((await visitor.post(`/clusters/${ours.clusterId}/licences`, { csrf, nodes: "2", days: "30" })).status).toBe(403);
    expect((await visitor.request("/audit")).status).toBe(403);
  });

  it("an operator runs clusters, and lets nobody in", async () => {
    const { visitor, csrf } = await visitorWith({ role: "operator", customers: "all" });
    const form = { csrf, role: "node" };
    expect((await visitor.post(`/clusters/${ours.clusterId}/join-tokens`, form)).status).toBe(200);
    expect((await visitor.request("/users")).status).toBe(403);
    expect((await visitor.post("/users", { csrf, email: "x@example.com", role: "owner", scope: "all" })).status).toBe(403);
    expect((await visitor.request("/api-keys")).status).toBe(403);
  });

  it("an owner of one customer lets others in to that one alone", async () => {
    const { visitor, csrf } = await visitorWith({ role: "owner", customers: [ours.customerId] });
    const wanted = { csrf, email: "new@example.com", role: "operator" };
    expect((await visitor.post("/users", { ...wanted, scope: "all" })).status).toBe(403);
    expect((await visitor.post("/users", { ...wanted, scope: "some", [`customer:${theirs.customerId}`]: "on" })).status).toBe(403);
    expect((await visitor.post("/users", { ...wanted, scope: "some" })).status).toBe(400);
    const made = await visitor.post("/users", { ...wanted, scope: "some", [`customer:${ours.customerId}`]: "on" });
    expect(made.status).toBe(200);
    const password = /<code id="secret">([^<]+)</.exec(await made.text())?.[1] ?? "";
    const { response } = await new HttpVisitor(site.url).logIn("/", { email: "new@example.com", password });
    expect(response.status).toBe(200);
    expect(await (await visitor.request("/users")).text()).not.toContain(password);
  });

  it("a change of role, a new password, a removal: open sessions feel it with their next request", async () => {
    const owner = await visitorWith({ role: "owner", customers: "all" });
    const { csrf } = owner;
    const { visitor, user } = await visitorWith({ role: "viewer", customers: [ours.customerId] });
    const scope = { scope: "some", [`customer:${theirs.customerId}`]: "on" };
    await owner.visitor.post(`/users/${user.userId}/access`, { csrf, role: "viewer", ...scope });
    expect((await visitor.request(`/clusters/${ours.clusterId}`)).status).toBe(404);
    expect((await visitor.request(`/clusters/${theirs.clusterId}`)).status).toBe(200);
    plane.clock.nowMs += 2_000;
    expect((await owner.visitor.post(`/users/${user.userId}/password`, { csrf })).status).toBe(200);
    expect((await visitor.request("/")).headers.get("location")).toBe("/login?next=%2F");
    const gone = await visitorWith({ role: "viewer", customers: "all" });
    await owner.visitor.post(`/users/${gone.user.userId}/removal`, { csrf });
    expect((await gone.visitor.request("/")).status).toBe(303);
  }, 60_000);

  it("every page and form that is refused to somebody who is logged in leaves exactly one entry in their own customer's log, and no other does", async () => {
    const { visitor, csrf, email } = await visitorWith({ role: "viewer", customers: [theirs.customerId] });
    const refusedIn = async () =>
      (await readAuditLog(plane.dependencies, {}, { limit: 200, outcome: "refused" })).entries.filter(({ actor }) => actor.name === email);
    let count = 0;
    for (const key of Object.keys(pageAccess).filter((one) => one !== "POST /logout")) {
      const [method = "", pattern = ""] = key.split(" ");
      const path = pattern.replaceAll(
        /:(\w+)/g,
        (_all, name: string) => ({ ...ours, userId: "1", keyId: "2", licenceId: "3" })[name] ?? "",
      );
      // Some forms go on with a page of their own: what counts is that they are refused.
      const { status } = await (method === "GET" ? visitor.request(path) : visitor.post(path, { csrf }));
      if (status >= 400) count += 1;
      const entries = await refusedIn();
      expect(entries.length, `${key}: ${status}`).toBe(count);
      if (status < 400) continue;
      const known = { customerId: theirs.customerId, refusal: { route: key, code: status === 403 ? "forbidden" : "not-found" } };
      expect(entries[0], `${key}: ${status}`).toMatchObject(known);
    }
    expect(count).toBeGreaterThan(45);
    expect((await visitor.post(`/clusters/${theirs.clusterId}/when-alone`, { csrf: "guessed" })).status).toBe(403);
    expect((await visitor.request("/customers/a/b/c")).status).toBe(404);
    const [unknown, forged] = await refusedIn();
    expect(unknown?.refusal?.route).toBe("GET");
    expect(forged?.refusal?.message).toBe("This form does not belong to your session.");
  });

  it("what a form may and a rule forbids has an entry, too; the log's page shows what was refused by itself, also as a table", async () => {
    const { visitor, csrf } = await visitorWith({ role: "owner", customers: [ours.customerId] });
    const wanted = { csrf, email: "elsewhere@example.com", role: "viewer", scope: "some", [`customer:${theirs.customerId}`]: "on" };
    expect((await visitor.post("/users", wanted)).status).toBe(403);
    const page = `/customers/${ours.customerId}/audit`;
    const refused = await (await visitor.request(`${page}?outcome=refused`)).text();
    expect(refused).toContain("POST /users");
    expect(refused).not.toContain("cluster.created");
    const done = await (await visitor.request(`${page}?outcome=done`)).text();
    expect(done).toContain("cluster.created");
    expect(done).not.toContain("POST /users");
    const table = await visitor.request(`${page}?outcome=refused&csv=entries`);
    expect(table.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(await table.text()).toContain("POST /users");
  });

  it("an API key made on its page works, and not any more once it is revoked there; the log names who did it", async () => {
    const { visitor, csrf, email } = await visitorWith({ role: "owner", customers: "all" });
    const made = await visitor.post("/api-keys", { csrf, name: "nightly", role: "viewer", scope: "all", days: "90" });
    const page = await made.text();
    expect(page).toMatch(/<code id="secret">uskey_[\w-]{43}</);
    const keyId = [...page.matchAll(/id="(key_[0-9a-z]{20})"/g)].at(-1)?.[1] ?? "";
    expect((await visitor.post(`/api-keys/${keyId}/revocation`, { csrf })).status).toBe(303);
    expect(await (await visitor.request("/api-keys")).text()).not.toContain(keyId);
    const log = await (await visitor.request("/audit")).text();
    expect(log).toMatch(new RegExp(`${email}[\\s\\S]*api-key\\.revoked[\\s\\S]*${keyId}[\\s\\S]*api-key\\.created`));
  });

  it("whoever logs in and is no user: told so, with the way on, and no session", async () => {
    const account = { email: "stranger@example.com", password: "a long enough one" };
    await site.accounts.createAccount(account.email, account.password);
    const visitor = new HttpVisitor(site.url);
    const { response } = await visitor.logIn("/", account);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("Ask an owner to let you in.");
    expect(visitor.cookies.has("understudy_session")).toBe(false);
  });

  it("whoever asks the console for more than their rate waits, and is told how long; others go on", async () => {
    const busyPlane = await startControlPlane();
    const rate = { perSecond: 1, burst: 30 };
    const busy = await startRealConsole(busyPlane, { signedIn: rate, customer: rate, strangers: rate });
    try {
      const { visitor } = await visitorWith({ role: "viewer", customers: [await customerIn(busyPlane)] }, busy);
      const answers = [];
      for (let asked = 0; asked < rate.burst + 5; asked += 1) answers.push(await visitor.request("/customers"));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(5);
      expect(refused[0]?.headers.get("retry-after")).toBe("1");
      expect(await refused[0]?.text()).toContain("ore requests than 1 a second");
      const other = await visitorWith({ role: "viewer", customers: [await customerIn(busyPlane)] }, busy);
      expect((await other.visitor.request("/customers")).status).toBe(200);
    } finally {
      await busy.close();
      await busyPlane.close();
    }
  }, 30_000);
});
