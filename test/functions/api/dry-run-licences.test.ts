import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import { secretHash } from "../../../functions/store/table-keys.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { limits } from "../../../shared/config/limits.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { consequencesSchema } from "../../../shared/protocol/api-contract.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { licencePreviewSchema } from "../../../shared/protocol/licence-contract.ts";
import { type ControlPlane, newToken, startControlPlane } from "../control-plane.ts";
import { LicensedSite } from "../licences/licensed-site.ts";
import { macA, macB } from "../licences/situations.ts";

let plane: ControlPlane;
let api: ReturnType<typeof apiApp>;
let key: string;
let site: LicensedSite;
beforeAll(async () => {
  plane = await startControlPlane();
  api = apiApp({ ...plane.dependencies, session: async () => undefined });
  const access = { role: "owner", customers: "all" } as const;
  key = (await makeApiKey(plane.dependencies, "test", { name: "test", access, expiresAt: null })).secret;
});
afterAll(() => plane.close());
beforeEach(async () => {
  site = await LicensedSite.open(plane);
});

const naming = (hardwareAddress: string) => ({ nodes: 1, members: [{ hardwareAddress, role: "primary" }] });
const inDays = (days: number): string => new Date(plane.clock.nowMs + days * 86_400_000).toISOString();
const dayIn = (days: number): string => inDays(days).slice(0, 10);

async function dry(method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return api.request(`/v1/clusters/${site.clusterId}${path}?dryRun=true`, { method, headers, ...content });
}

/** Everything that a licence, a token or devices leave behind. */
async function traces() {
  const { stores } = plane.dependencies;
  const { clusterId } = site;
  const [cluster, licences, devices, tokens, events, audit] = await Promise.all([
    stores.clusters.find(clusterId),
    stores.licences.listOfCluster(clusterId),
    stores.licenceBasis.findDevices(clusterId),
    stores.tokens.listOfCluster(clusterId, "2000-01-01T00:00:00Z"),
    stores.events.page(clusterId, { limit: 200 }),
    stores.audit.page({}, { limit: 1 }),
  ]);
  return { cluster, licences, devices, tokens, events, audit, told: plane.messages.documents.length };
}

async function preview(method: string, path: string, body?: object): Promise<unknown> {
  const before = await traces();
  const response = await dry(method, path, body);
  const text = await response.text();
  expect([response.status, text]).toEqual([200, text]);
  expect(await traces()).toEqual(before);
  return JSON.parse(text);
}

const licences = async (method: string, path: string, body?: object) => licencePreviewSchema.parse(await preview(method, path, body));
const tokens = async (method: string, path: string, body?: object) =>
  consequencesSchema.parse(await preview(method, path, body)).consequences;
/** What is refused stands in the audit log as that. */
const refused = async (method: string, path: string, body?: object) => {
  const { audit: _before, ...before } = await traces();
  const { error } = apiErrorSchema.parse(await (await dry(method, path, body)).json());
  const { audit: _after, ...after } = await traces();
  expect(after).toEqual(before);
  return error;
};

it("a trial, and then a licence in its place: how the cluster would stand, and what follows", async () => {
  const trial = await licences("POST", "/trial");
  expect(trial.consequences).toEqual([
    "8 nodes are licensed in place of 0; 0 in use",
    `${limits.licenceUsersMax} users and devices are licensed in place of 0; 0 are declared`,
    `what is in use is covered, until ${dayIn(30)}; then what is in use is covered by a grace period alone (before: there is no licence); what runs goes on in any case`,
    "another node can join",
  ]);
  expect(trial.standing).toMatchObject({ state: "valid", trial: true, trialAvailable: false, nodes: { used: 0, licensed: 8 } });
  const issued = await licences("POST", "/licences", { nodes: 1, users: 64, validUntil: inDays(400) });
  expect(issued.standing).toMatchObject({ state: "valid", trial: false, nodes: { used: 0, licensed: 1 }, users: { licensed: 64 } });
});

it("a licence for a node that waits, and one that begins another day", async () => {
  await site.license(400, { nodes: 1 });
  await site.join("alpha");
  await expect(enrolNode(plane.dependencies, await site.request("beta"))).rejects.toMatchObject({ code: "licence-limit" });
  expect((await licences("POST", "/licences", { nodes: 1, validUntil: inDays(500) })).consequences).toEqual([
    "2 nodes are licensed in place of 1; 1 in use",
    expect.stringMatching(new RegExp(`^what is in use is covered, until ${dayIn(500)}`)) as string,
    "another node can join; the node that waits goes on by itself",
  ]);
  expect((await licences("POST", "/licences", { nodes: 5, validFrom: inDays(10), validUntil: inDays(20) })).consequences).toEqual([
    `the licence counts from ${dayIn(10)} to ${dayIn(20)}, and for nothing before`,
  ]);
});

it("a licence that names the primary: who it is then, and what a second one contradicts, all at once", async () => {
  await site.license(400);
  await site.join("alpha", macA);
  await site.join("beta", macB);
  expect((await licences("POST", "/licences", { ...naming(macB), validUntil: inDays(400) })).consequences).toContain(
    "beta becomes the primary in place of alpha, because a licence says so; nothing is restarted",
  );
  await site.license(400, { nodes: 1, members: [{ hardwareAddress: macA, role: "primary" }] });
  const both = await refused("POST", "/licences", { ...naming(macB), validUntil: "2020-01-01T00:00:00Z" });
  expect(both.code).toBe("licence-invalid");
  expect(both.message).toMatch(/run out already.*; and the licence says of servers what cannot hold/);
});

it("withdrawn, and its file: refused as it would be; the last one taken away lapses nothing that runs", async () => {
  await site.license(400);
  const { licence, signed } = await site.license(400);
  await site.join("alpha");
  await site.join("beta");
  expect((await licences("DELETE", `/licences/${licence.licenceId}`)).consequences).toEqual([
    "2 nodes are licensed in place of 4; 2 in use",
    "no further node can join: licences allow 2 nodes; cluster front desk already has 2",
  ]);
  expect((await licences("POST", "/licences/import", { signed })).consequences).toEqual([]);
  expect((await refused("DELETE", "/licences/lic_00000000000000000000")).code).toBe("not-found");
  await plane.dependencies.stores.licences.withdraw(site.clusterId, licence.licenceId, inDays(0));
  expect((await refused("POST", "/licences/import", { signed })).code).toBe("licence-invalid");
  expect((await refused("POST", "/trial")).code).toBe("trial-used");
});

it("more devices than licensed: what is told, and that nothing is refused", async () => {
  await site.license(400, { users: 64 });
  await site.join("alpha");
  const { standing, consequences } = await licences("PUT", "/devices", { ...noDevices, sipStations: 65 });
  expect(consequences).toEqual([
    "65 users and devices are declared in place of 0; 64 are licensed",
    "subscribers are told that more is in use than licensed",
  ]);
  expect(standing).toMatchObject({ usage: "over", users: { required: 65, declared: { sipStations: 65 } } });
});

it("lapsed, and another licence: configured again", async () => {
  await site.license(10, { graceDays: 0 });
  await site.join("alpha");
  site.skip(11);
  expect((await licences("POST", "/licences", { nodes: 2, validUntil: inDays(90) })).consequences).toContain(
    "groups, data sets and the rule for being alone can be changed again",
  );
});

it("a join token: what becomes of who joins with it, by what the cluster is then", async () => {
  expect(await tokens("POST", "/join-tokens", {})).toEqual([
    expect.stringMatching(/^one server can join with the token, until .*, once;/) as string,
    "it would have to wait: cluster front desk has no licence; it goes on by itself with a further licence, for up to a day",
  ]);
  await site.license(400);
  expect((await tokens("POST", "/join-tokens", {})).slice(1)).toEqual([
    "it becomes the first node, the primary, with the only vote",
    "it comes last in the order of group default",
  ]);
  const alpha = await site.join("alpha");
  const secret = await newToken(plane, site.clusterId);
  expect((await tokens("POST", "/join-tokens", {})).slice(1)).toEqual([
    "it comes last in the ring, without a vote until it has everything and a majority hears it",
    "it comes last in the order of group default",
    "1 other token is open",
  ]);
  expect((await tokens("POST", "/join-tokens", { role: "witness" }))[1]).toMatch(/needs no licence$/);
  expect((await tokens("POST", "/join-tokens", { nodeId: alpha }))[0]).toMatch(/^alpha gets another certificate/);
  expect((await refused("POST", "/join-tokens", { nodeId: "node_00000000000000000000" })).code).toBe("not-found");
  expect(await tokens("DELETE", `/join-tokens/${secretHash(secret)}`)).toEqual([
    expect.stringMatching(/^nobody can join with the token any more/) as string,
  ]);
  expect((await refused("DELETE", `/join-tokens/${"0".repeat(64)}`)).code).toBe("not-found");
});
