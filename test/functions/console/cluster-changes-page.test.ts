import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClusterId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { acknowledge, type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";
import { csrfIn, type HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";
import { visitorWithRole } from "./visitor-with-role.ts";

let plane: ControlPlane;
let server: RealConsole;
let operator: HttpVisitor;
let viewer: HttpVisitor;
let clusterId: ClusterId;
let here: string;
const ids: NodeId[] = [];
beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  clusterId = await newCluster(plane, 4);
  for (const [at, name] of ["alpha", "beta", "gamma"].entries()) {
    ids.push((await enrolled(plane, clusterId, name, 7_000 + at * 10)).nodeId);
    for (const nodeId of ids) await acknowledge(plane, clusterId, nodeId);
  }
  here = `/clusters/${clusterId}/changes`;
  [operator, viewer] = [await visitorWithRole(server, "operator"), await visitorWithRole(server, "viewer")];
});
afterAll(async () => {
  await server.close();
  await plane.close();
});

const document = async () => {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  return cluster.document;
};

async function send(fields: Record<string, string>): Promise<Response> {
  const page = await (await operator.request(here)).text();
  return operator.post(here, { csrf: csrfIn(page), version: String((await document()).version), step: "check", ...fields });
}

/** Checked first, then sent again as the page has it. */
async function confirmed(fields: Record<string, string>): Promise<string> {
  const before = await document();
  const checked = await (await send(fields)).text();
  expect(await document()).toEqual(before);
  const [, follows = ""] = /What would follow<\/h2>([\s\S]*?)<\/form>/.exec(checked) ?? [];
  const again = Object.fromEntries(
    [...follows.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  expect((await operator.post(here, { ...again, step: "change" })).status).toBe(303);
  return [...follows.matchAll(/<li>([^<]*)<\/li>/g)].map(([, sentence]) => sentence).join("; ");
}

it("names and an address: each says what would follow, and is done when it is confirmed", async () => {
  expect(await confirmed({ what: "cluster", name: "lobby" })).toBe(
    "the cluster is called lobby in place of front desk; nothing else follows",
  );
  const [alpha] = (await document()).nodes;
  expect(await confirmed({ what: "node", nodeId: ids[0] ?? "", name: "north", host: alpha?.host ?? "" })).toBe(
    "alpha is called north; nothing else follows",
  );
  expect(await confirmed({ what: "node", nodeId: ids[0] ?? "", name: "north", host: "192.0.2.77" })).toMatch(
    /^north is reached at 192\.0\.2\.77 in place of/,
  );
  expect((await document()).nodes[0]).toMatchObject({ name: "north", host: "192.0.2.77" });
  expect(await (await send({ what: "cluster", name: "lobby" })).text()).toContain("That is so already");
});

it("the ring is turned step by step, and a node is removed with all that follows from it", async () => {
  const page = await (await operator.request(here)).text();
  const [, swapped = ""] = /name="ring" value="([^"]*)"/.exec(page) ?? [];
  expect(swapped).toBe([ids[1], ids[0], ids[2]].join(","));
  expect(await confirmed({ what: "ring", ring: swapped })).toMatch(/^data goes round the ring in the order beta → north → gamma/);
  expect(await confirmed({ what: "remove-node", nodeId: ids[2] ?? "" })).toMatch(/^gamma is no member any more/);
  expect((await document()).nodes.map(({ name }) => name)).toEqual(["beta", "north"]);
});

it("a group that was declared is taken away, and never the one that every cluster has", async () => {
  const target = { clusterId, group: "bells" as GroupName, expectedVersion: (await document()).version };
  await putGroup(plane.dependencies, target, { order: [], resources: [], failback: { mode: "manual" } });
  expect(await (await operator.request(here)).text()).toContain("Take group bells away");
  expect(await confirmed({ what: "remove-group", group: "bells" })).toMatch(/^group bells is no more/);
  const kept = await send({ what: "remove-group", group: "default" });
  expect([kept.status, await kept.text()]).toEqual([400, expect.stringContaining("every cluster has it")]);
});

it("what makes no sense is refused with what to do; a change in between too; a viewer has no such page", async () => {
  const host = await send({ what: "node", nodeId: ids[0] ?? "", name: "north", host: "no host!" });
  expect([host.status, await host.text()]).toEqual([400, expect.stringContaining("host")]);
  expect((await send({ what: "dice" })).status).toBe(400);
  const late = await send({ what: "cluster", name: "hall", version: "1", step: "change" });
  expect([late.status, await late.text()]).toEqual([400, expect.stringContaining("the change was made for version 1")]);
  expect((await viewer.request(here)).status).toBe(403);
  expect(await (await viewer.request(`/clusters/${clusterId}`)).text()).not.toContain(here);
  expect(await (await operator.request(`/clusters/${clusterId}`)).text()).toContain(here);
});
