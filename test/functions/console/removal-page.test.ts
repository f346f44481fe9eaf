import { afterAll, beforeAll, expect, it } from "vitest";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { csrfIn, type HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";
import { visitorWithRole } from "./visitor-with-role.ts";

let plane: ControlPlane;
let server: RealConsole;
let owner: HttpVisitor;
let operator: HttpVisitor;
beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  [owner, operator] = [await visitorWithRole(server, "owner"), await visitorWithRole(server, "operator")];
});
afterAll(async () => {
  await server.close();
  await plane.close();
});

async function pageAt(path: string): Promise<string> {
  const page = await owner.request(path);
  expect(page.status).toBe(200);
  return page.text();
}

/** The page's form, filled in. */
async function sent(path: string, confirm: string): Promise<Response> {
  const page = await pageAt(path);
  const [, version] = /name="version" value="(\d+)"/.exec(page) ?? [];
  return owner.post(path, { csrf: csrfIn(page), confirm, ...(version === undefined ? {} : { version }) });
}

const clusterAt = (clusterId: ClusterId) => plane.dependencies.stores.clusters.find(clusterId);
const customerAt = (customerId: CustomerId) => plane.dependencies.stores.customers.find(customerId);

it("a cluster: says what would follow, wants its name, and leads to its customer", async () => {
  const clusterId = await newCluster(plane, 2);
  const customerId = (await clusterAt(clusterId))?.document.customerId;
  await enrolled(plane, clusterId, "alpha", 7_000);
  const here = `/clusters/${clusterId}/removal`;
  expect(await pageAt(`/clusters/${clusterId}/changes`)).toContain(`href="${here}"`);
  const page = await pageAt(here);
  expect(page).toContain("<li>1 enrolled (alpha), none reports now: from then on the control plane refuses them all;");
  expect(page).toContain("To remove it, type its name: front desk");
  const wrong = await sent(here, "front");
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("The cluster is named front desk, and not front.")]);
  const late = await owner.post(here, { csrf: csrfIn(page), confirm: "front desk", version: "1" });
  expect([late.status, await late.text()]).toEqual([400, expect.stringContaining("the change was made for version 1")]);
  expect((await clusterAt(clusterId))?.document.clusterId).toBe(clusterId);
  const done = await sent(here, "front desk");
  expect([done.status, done.headers.get("location")]).toEqual([303, `/customers/${customerId}`]);
  expect(await clusterAt(clusterId)).toBeUndefined();
  expect((await owner.request(here)).status).toBe(404);
  expect(await pageAt("/")).not.toContain(clusterId);
});

it("a customer: while it has a cluster it says so and offers nothing; then its name removes it", async () => {
  const { customerId } = await createCustomer(plane.dependencies, { name: "Hotel <Adler>" });
  const request = { name: "hall", timing: "default", dataSets: [], resources: [] } as const;
  const { clusterId } = (await createCluster(plane.dependencies, customerId, request)).document;
  const here = `/customers/${customerId}/removal`;
  const used = await pageAt(here);
  expect(used).toContain("Customer Hotel &lt;Adler&gt; has 1 cluster (hall). Remove its clusters first");
  expect(used).not.toContain('name="confirm"');
  expect((await sent(`/clusters/${clusterId}/removal`, "hall")).status).toBe(303);
  expect(await pageAt(`/customers/${customerId}`)).toContain(`href="${here}"`);
  expect((await sent(here, "Hotel Adler")).status).toBe(400);
  const done = await sent(here, "Hotel <Adler>");
  expect([done.status, done.headers.get("location")]).toEqual([303, "/customers"]);
  expect(await customerAt(customerId)).toBeUndefined();
});

it("whoever is no owner is shown no way there, and has no such page", async () => {
  const clusterId = await newCluster(plane, 0);
  const customerId = (await clusterAt(clusterId))?.document.customerId;
  for (const [page, here] of [
    [`/clusters/${clusterId}/changes`, `/clusters/${clusterId}/removal`],
    [`/customers/${customerId}`, `/customers/${customerId}/removal`],
  ] as const) {
    const text = await (await operator.request(page)).text();
    expect(text).not.toContain(here);
    expect((await operator.request(here)).status).toBe(403);
    expect((await operator.post(here, { csrf: csrfIn(text), confirm: "front desk" })).status).toBe(403);
  }
  expect(await clusterAt(clusterId)).toBeDefined();
});
