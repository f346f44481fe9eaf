import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { changePreviewSchema } from "../../../shared/protocol/api-contract.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { type ControlPlane, clusterOfTwo, enrolled, reportOf, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let api: ReturnType<typeof apiApp>;
let key: string;
let clusterId: ClusterId;
let alpha: NodeId;
let beta: NodeId;
beforeAll(async () => {
  plane = await startControlPlane();
  api = apiApp({ ...plane.dependencies, session: async () => undefined });
  const access = { role: "operator", customers: "all" } as const;
  key = (await makeApiKey(plane.dependencies, "test", { name: "test", access, expiresAt: null })).secret;
});
afterAll(() => plane.close());
beforeEach(async () => {
  ({ clusterId, alpha, beta } = await clusterOfTwo(plane, 4));
});

async function dry(method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "if-match": String(await version()) };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return api.request(`/v1/clusters/${clusterId}${path}?dryRun=true`, { method, headers, ...content });
}

async function version(): Promise<number> {
  return (await plane.dependencies.stores.clusters.find(clusterId))?.document.version ?? 0;
}

/** Everything that a change of the document leaves behind. */
async function traces(): Promise<unknown> {
  const { stores } = plane.dependencies;
  const [cluster, votes, audit] = await Promise.all([
    stores.clusters.find(clusterId),
    stores.witness.find(clusterId),
    stores.audit.page({}, { limit: 1 }),
  ]);
  return { cluster, votes, audit, told: plane.messages.documents.length };
}

async function preview(method: string, path: string, body?: object) {
  const before = await traces();
  const response = await dry(method, path, body);
  expect(response.status).toBe(200);
  expect(await traces()).toEqual(before);
  return changePreviewSchema.parse(await response.json());
}

/** Each acts on the newest document and hears the other; the first one runs the group. Twice, so that one's promotion is heard by all. */
async function reports(unacknowledged = 0): Promise<void> {
  for (const nodeId of [alpha, beta, alpha, beta]) {
    const [state, holder] = [nodeId === alpha ? "operational" : "standby", alpha];
    const data = { name: "crm", phase: "following" as const, vector: {}, behind: 0 };
    plane.clock.nowMs += 1;
    await recordReport(
      plane.dependencies,
      { clusterId, nodeId },
      {
        ...reportOf(clusterId, nodeId, await version(), plane.clock.nowMs),
        groups: [{ name: "default", state, epoch: 1, holder }],
        peers: [{ nodeId: nodeId === alpha ? beta : alpha, reachable: true, lastHeardMs: 10 }],
        dataSets: [{ ...data, unacknowledged: { changes: nodeId === alpha ? unacknowledged : 0, oldestAgeMs: 1 } }],
      },
    );
  }
}

it("removing the node that runs the group: votes, quorum, group, data and licence, and nothing is changed", async () => {
  await reports(7);
  const now = await version();
  const { version: before, nextVersion, consequences } = await preview("DELETE", `/nodes/${alpha}`);
  expect([before, nextVersion]).toEqual([now, now + 1]);
  expect(consequences).toEqual([
    "alpha is no member any more: its certificate is nobody's, and what it held moves to the next in order",
    "nobody is the primary any more, until another node is chosen",
    "votes: beta in place of alpha, beta; 1 of 1 must agree, in place of 2 of 2",
    expect.stringMatching(/^group default may run on beta/) as string,
    expect.stringMatching(/^group default .* on alpha: it stops there, and beta takes it over, where that is fit/) as string,
    "group default has beta alone: nobody takes it over from there",
    "alpha has last told of 7 changes of data set crm that no other node had confirmed: what is not passed on before is lost to the others",
    "1 of 4 licensed nodes are in use then, in place of 2",
  ]);
});

it("removing: what would be refused is refused, everything at once", async () => {
  const gone = apiErrorSchema.parse(await (await dry("DELETE", "/nodes/node_00000000000000000000")).json());
  expect(gone.error.code).toBe("not-found");
  const only = apiErrorSchema.parse(await (await dry("DELETE", `/nodes/${alpha}`)).json());
  expect(only.error).toMatchObject({ code: "membership-change-pending", nextStep: "Wait until beta is a voter, or remove beta first." });
});

it("choosing the control plane as witness, and against it: said, and no vote is begun", async () => {
  await reports();
  expect((await preview("PUT", "/cloud-witness", { cloudWitness: "on" })).consequences).toEqual([
    "the control plane becomes the witness, and votes while the number of voting nodes is even",
    "the control plane then gets its vote, as soon as it can give it",
  ]);
  expect((await preview("PUT", "/cloud-witness", { cloudWitness: "off" })).consequences).toEqual([
    "the control plane does not make itself the witness any more",
  ]);
  expect((await preview("PUT", "/cloud-witness", { cloudWitness: "automatic" })).consequences).toEqual([]);
});

it("a data set, and another primary", async () => {
  expect((await preview("PUT", "/data-sets/calls", { kind: "state", group: "default" })).consequences).toEqual([
    "the declared data sets change: each agent follows them as soon as it has the document",
  ]);
  expect((await preview("PUT", "/primary", { nodeId: beta })).consequences).toEqual([
    "beta is the primary in place of alpha: the licence for provisioning goes with it; groups keep their order, no agent restarts, and no service moves",
  ]);
});

it("a group and a data set are taken away: said, refused while something needs them, and then gone", async () => {
  const change = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "if-match": String(await version()) };
    return api.request(`/v1/clusters/${clusterId}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const resources = [{ kind: "service", name: "bells" }];
  expect((await change("PUT", "/groups/bells", { order: [alpha], resources, failback: { mode: "manual" } })).status).toBe(200);
  expect((await change("PUT", "/data-sets/calls", { kind: "state", group: "bells" })).status).toBe(200);
  expect((await preview("DELETE", "/data-sets/calls")).consequences).toEqual([
    "data set calls is no more: each node stops passing it on, and what it has of it stays on its disk",
  ]);
  const needed = apiErrorSchema.parse(await (await dry("DELETE", "/groups/bells")).json());
  expect(needed.error.problems).toMatchObject([{ path: "dataSets.0.group", message: expect.stringContaining("there is no group bells") }]);
  expect((await change("DELETE", "/data-sets/calls")).status).toBe(200);
  expect((await preview("DELETE", "/groups/bells")).consequences).toEqual([
    "group bells is no more: service bells stops where it runs, and nobody takes it over; give what it had to another group only once every node has taken that in",
  ]);
  expect((await change("DELETE", "/groups/bells")).status).toBe(200);
  const { groups, dataSets } = (await plane.dependencies.stores.clusters.find(clusterId))?.document ?? {};
  expect([groups?.map(({ name }) => name), dataSets]).toEqual([["default"], []]);
  for (const path of ["/groups/bells", "/data-sets/calls"]) expect((await change("DELETE", path)).status).toBe(404);
  const kept = apiErrorSchema.parse(await (await dry("DELETE", "/groups/default")).json());
  expect(kept.error.problems).toMatchObject([{ path: "groups", message: "the group default is missing: every cluster has it" }]);
  expect((await change("PUT", "/data-sets/crm", { kind: "sqlite", local: [] })).status).toBe(200);
  const own = apiErrorSchema.parse(await (await dry("DELETE", "/data-sets/crm")).json());
  expect(own.error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("an application's own database") });
});

it("a change of voters that must wait, and would not be sound either: both are told", async () => {
  await enrolled(plane, clusterId, "gamma", 7_020);
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  const { document } = cluster;
  const voters = document.nodes.map(({ nodeId }) => nodeId);
  // Somebody else's change of voters that nobody has confirmed, and a data set that follows a group which is not there.
  const stray = { kind: "state", name: "calls", group: "default", local: [] } as const;
  const broken = {
    ...document,
    version: document.version + 1,
    nodes: document.nodes.map((node) => ({ ...node, voting: true })),
    dataSets: [{ ...stray, group: "nowhere" as (typeof document.groups)[number]["name"] }],
  };
  const memberships = [...cluster.memberships, { version: broken.version, voters }];
  await plane.dependencies.stores.clusters.replace({ ...cluster, document: broken, memberships });
  const { error } = apiErrorSchema.parse(await (await dry("DELETE", `/nodes/${alpha}`)).json());
  expect(error.code).toBe("membership-change-pending");
  expect(error.message).toMatch(/is still taking in version .*; and the cluster would not be sound$/);
  expect(error.problems).toMatchObject([{ path: "dataSets.0.group" }]);
});

it("every change of a cluster can be asked for without making it, but for what is no change of it", async () => {
  const described = (await (await api.request("/v1/openapi.json")).json()) as {
    paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
  };
  const changes = Object.entries(described.paths)
    .filter(([path]) => path.startsWith("/v1/clusters/{clusterId}"))
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== "get")
        .map(([method, { parameters = [] }]) => ({
          route: `${method} ${path}`,
          canBeAsked: parameters.some(({ name }) => name === "dryRun"),
        })),
    );
  expect(changes.length).toBeGreaterThan(18);
  expect(changes.filter(({ canBeAsked }) => !canBeAsked).map(({ route }) => route)).toEqual([
    "post /v1/clusters/{clusterId}/triggers/{trigger}/token",
    "post /v1/clusters/{clusterId}/incidents/{number}/acknowledgement",
    "post /v1/clusters/{clusterId}/test-alerts",
  ]);
});
