import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../../functions/use-cases/users.ts";
import type { Access } from "../../../shared/domain/access/access.ts";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";

const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;

let plane: ControlPlane;
let site: RealConsole;
let clusterIds: readonly ClusterId[];

beforeAll(async () => {
  plane = await startControlPlane();
  site = await startRealConsole(plane);
  clusterIds = [await newCluster(plane, 0), await newCluster(plane, 0), await newCluster(plane, 0)];
});
afterAll(async () => {
  await site.close();
  await plane.close();
});

async function visitorWith(email: string, access: Access) {
  const { password } = await createUser(site.dependencies, root, { email, access });
  const visitor = new HttpVisitor(site.url);
  const { response } = await visitor.logIn("/", { email, password });
  return { visitor, csrf: csrfIn(await response.text()) };
}

describe("the same for many clusters, in the console", () => {
  it("those that were found are shown to choose among, and the outcome of each is told", async () => {
    const { visitor, csrf } = await visitorWith("operator@example.com", { role: "operator", customers: "all" });
    const form = await (await visitor.request("/fleet/bulk?health=empty")).text();
    for (const clusterId of clusterIds) expect(form).toContain(`name="cluster:${clusterId}" checked`);
    expect(await (await visitor.request("/fleet/bulk?health=down")).text()).toContain("No cluster is like that");

    const [one = "", other = ""] = clusterIds;
    const chosen = { csrf, [`cluster:${one}`]: "on", [`cluster:${other}`]: "on" };
    const planned = await visitor.post("/fleet/bulk", { ...chosen, kind: "maintenance", hours: "2", from: "", reason: "new switches" });
    expect(planned.status).toBe(200);
    expect(await planned.text()).toContain("2 done, 0 unchanged, 0 refused, 0 failed");
    const log = await plane.dependencies.stores.audit.page({}, { limit: 10 });
    expect(log.entries.filter(({ action }) => action === "maintenance.planned").map(({ actor }) => actor.name)).toEqual([
      "operator@example.com",
      "operator@example.com",
    ]);
    const nothing = await visitor.post("/fleet/bulk", { ...chosen, kind: "acknowledge" });
    expect(await nothing.text()).toContain("0 done, 2 unchanged");
  });

  it("no cluster, no reason, no such action: refused, and nothing is done", async () => {
    const { visitor, csrf } = await visitorWith("second@example.com", { role: "operator", customers: "all" });
    const chosen = { csrf, [`cluster:${clusterIds[2]}`]: "on" };
    for (const fields of [
      { csrf, kind: "acknowledge" },
      { ...chosen, kind: "maintenance", hours: "2" },
      { ...chosen, kind: "removal" },
    ])
      expect((await visitor.post("/fleet/bulk", fields)).status).toBe(400);
  });

  it("a viewer sees the fleet and its customers, and nothing to do with them", async () => {
    const { visitor, csrf } = await visitorWith("viewer@example.com", { role: "viewer", customers: "all" });
    expect(await (await visitor.request("/")).text()).not.toContain("/fleet/bulk");
    expect((await visitor.request("/fleet/bulk")).status).toBe(403);
    expect((await visitor.post("/fleet/bulk", { csrf, kind: "acknowledge", [`cluster:${clusterIds[0]}`]: "on" })).status).toBe(403);
    const customers = await (await visitor.request("/customers?q=adler")).text();
    expect(customers).toContain("3 customers");
    expect(await (await visitor.request("/customers?q=krone")).text()).toContain("No customer that matches");
  });
});
