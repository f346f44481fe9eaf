import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeDataSet } from "../../../functions/use-cases/change-data-set.ts";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { groupChange } from "../../../functions/use-cases/change-group.ts";
import { createJoinToken } from "../../../functions/use-cases/create-join-token.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { createUser } from "../../../functions/use-cases/users.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { decodeJoinToken } from "../../../shared/protocol/join-token.ts";
import { type ControlPlane, enrolled, enrolRequest, newCluster, newIdentity, startControlPlane } from "../control-plane.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";

const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;

let plane: ControlPlane;
let site: RealConsole;
let visitor: HttpVisitor;
let csrf: string;
let clusterId: ClusterId;
let nodes: readonly NodeId[];

const document = async () => {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  return cluster.document;
};
const page = async () => (await visitor.request(`/clusters/${clusterId}`)).text();
const send = async (path: string, fields: Readonly<Record<string, string>>) =>
  visitor.post(`/clusters/${clusterId}/${path}`, { csrf, ...fields });

const declare = async (more: Readonly<Record<string, string>>) =>
  send("conflicts", { version: String((await document()).version), dataSet: "crm", table: "phone", ...more });
const conflicts = async () => (await document()).dataSets.flatMap((one) => (one.kind === "sqlite" ? (one.conflicts ?? []) : []));

beforeAll(async () => {
  plane = await startControlPlane();
  site = await startRealConsole(plane);
  clusterId = await newCluster(plane, 3);
  nodes = [(await enrolled(plane, clusterId, "node-a", 7_000)).nodeId, (await enrolled(plane, clusterId, "node-b", 7_010)).nodeId];
  const [group] = (await document()).groups;
  if (group === undefined) throw new Error("there is no group");
  await changeDocument(plane.dependencies, clusterId, groupChange(plane.dependencies, { ...group, order: nodes }));
  const crm = { kind: "sqlite", name: "crm", local: [] } as const;
  await changeDataSet(plane.dependencies, { clusterId, expectedVersion: (await document()).version }, crm);
  const email = "owner@example.com";
  const { password } = await createUser(site.dependencies, root, { email, access: root.access });
  visitor = new HttpVisitor(site.url);
  csrf = csrfIn(await (await visitor.logIn("/", { email, password })).response.text());
});
afterAll(async () => {
  await site.close();
  await plane.close();
});

describe("the settings of a cluster, on its page", () => {
  it("a group's order: another one is saved, an arrow without a script moves by one, and what is no order of it is refused", async () => {
    const version = async () => String((await document()).version);
    const [first = "", second = ""] = nodes;
    const saved = await send("group-order", { version: await version(), group: "default", order: `${second},${first}` });
    expect([saved.status, saved.headers.get("location")]).toEqual([303, `/clusters/${clusterId}#group-order`]);
    expect((await document()).groups[0]?.order).toEqual([second, first]);
    await send("group-order", { version: await version(), group: "default", order: `${second},${first}`, move: `${first}:up` });
    expect((await document()).groups[0]?.order).toEqual([first, second]);
    expect((await send("group-order", { version: await version(), group: "default", order: first })).status).toBe(400);
    expect((await send("group-order", { version: "1", group: "default", order: `${second},${first}` })).status).toBe(409);
    expect((await document()).groups[0]?.order).toEqual([first, second]);
    const shown = await page();
    expect(shown).toContain('aria-label="Move node-b up in default"');
  });

  it("conflicts by table: declared, changed, shown in words, taken back; a node that nobody knows is refused", async () => {
    const [first = "", second = ""] = nodes;
    expect((await declare({ policy: "priority", preferred0: second, preferred1: first })).status).toBe(303);
    expect(await conflicts()).toEqual([{ table: "phone", policy: "priority", order: [second, first] }]);
    expect(await page()).toContain("That of the preferred node stands: node-b, then node-a");
    expect((await declare({ policy: "priority" })).status).toBe(400);
    expect((await declare({ policy: "priority", preferred0: `node_${"0".repeat(20)}` })).status).toBe(400);
    expect((await declare({ policy: "manual", table: "PHONE" })).status).toBe(303);
    expect(await conflicts()).toEqual([{ table: "PHONE", policy: "manual" }]);
    await declare({ policy: "newest" });
    expect(await conflicts()).toEqual([]);
  });

  it("the control plane as the witness: never, and where it helps", async () => {
    expect((await send("cloud-witness", { cloudWitness: "off" })).status).toBe(303);
    expect(await document()).toMatchObject({ cloudWitness: "off" });
    expect(await page()).toMatch(/value="off" checked/);
    await send("cloud-witness", { cloudWitness: "automatic" });
    expect(await document()).not.toHaveProperty("cloudWitness");
    expect((await send("cloud-witness", { cloudWitness: "perhaps" })).status).toBe(400);
  });

  it("join tokens: one that is open is listed and withdrawn; nobody joins with it, and the log says who did that", async () => {
    const { token } = await createJoinToken(plane.dependencies, clusterId, { role: "node", lifetimeSeconds: 900 });
    const decoded = decodeJoinToken(token);
    if (!decoded.ok) throw new Error(decoded.reason);
    const shown = await page();
    expect(shown).not.toContain(decoded.token.secret);
    const tokenId = /name="tokenId" value="([0-9a-f]{64})"/.exec(shown)?.[1] ?? "";
    expect((await send("join-tokens/withdrawal", { tokenId })).status).toBe(303);
    expect(await page()).not.toContain(tokenId);
    const request = enrolRequest(decoded.token.secret, await newIdentity(), "node-c", 7_020);
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({ code: "token-unknown" });
    expect((await send("join-tokens/withdrawal", { tokenId })).status).toBe(404);
    expect(await (await visitor.request("/audit")).text()).toMatch(/owner@example\.com[\s\S]*join-token\.withdrawn/);
  });

  it("licences of the whole fleet: what is used beyond its licence, and nothing that needs nobody", async () => {
    const bare = await newCluster(plane, 0);
    expect(await (await visitor.request("/licences?show=all")).text()).toContain(`/clusters/${bare}/licences`);
    const concerned = await (await visitor.request("/licences")).text();
    expect(concerned).not.toContain(`/clusters/${bare}/licences`);
    expect(concerned).toContain(`/clusters/${clusterId}/licences`);
    expect(concerned).toContain("Ends soon");
  });
});
