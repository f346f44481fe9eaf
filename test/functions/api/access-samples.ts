import { randomUUID } from "node:crypto";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import { secretHash } from "../../../functions/store/table-keys.ts";
import { subscribeAlerts } from "../../../functions/use-cases/alert-subscriptions.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { changeDataSet } from "../../../functions/use-cases/change-data-set.ts";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { issueLicence } from "../../../functions/use-cases/issue-licence.ts";
import { listIncidents } from "../../../functions/use-cases/list-incidents.ts";
import { planMaintenance } from "../../../functions/use-cases/maintenance.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { Approver } from "../../agent/approver.ts";
import { type ControlPlane, enrolRequest, newIdentity, newToken, takeoverEvent } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";
import { putTrigger } from "../put-trigger.ts";
import type { AccessWorld, Caller, Tenant } from "./access-world.ts";

/** A request of a route that works for whoever may make it. */
export interface Sample {
  /** What stands in the path's braces. */
  readonly path: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
}

type RouteSample = (world: AccessWorld, caller: Caller) => Promise<Sample> | Sample;

/** About our customer and its cluster, whoever asks. */
function about(
  status: number,
  more: (world: AccessWorld, caller: Caller) => Promise<Partial<Sample>> | Partial<Sample> = () => ({}),
): RouteSample {
  return async (world, caller) => {
    const { customerId, clusterId } = world.ours;
    const { path, ...rest } = await more(world, caller);
    return { status, ...rest, path: { customerId, clusterId, ...path } };
  };
}

/** A change of the document as it is now. */
const changing = (more: (world: AccessWorld) => Promise<Partial<Sample>> | Partial<Sample>): RouteSample =>
  about(200, async (world) => {
    const wanted = await more(world);
    return { headers: { "if-match": `"${await versionOfOurs(world)}"` }, ...wanted };
  });

async function versionOfOurs({ plane, ours }: AccessWorld): Promise<number> {
  return (await plane.dependencies.stores.clusters.find(ours.clusterId))?.document.version ?? 0;
}

/** One for each route of the OpenAPI document: without it, the matrix fails. */
export const samples: Readonly<Record<string, RouteSample>> = {
  "GET /v1/openapi.json": about(200),
  "GET /v1/me": about(200),
  "GET /v1/settings": about(200),
  "GET /v1/customers": about(200),
  "GET /v1/clusters": about(200),
  "POST /v1/bulk-actions": about(200, (world, caller) => ({
    body: { clusterIds: [ownTenant(world, caller).clusterId], action: { kind: "acknowledge" } },
  })),
  "POST /v1/customers": about(201, () => ({ body: { name: "Krone" } })),
  "GET /v1/customers/{customerId}": about(200),
  "DELETE /v1/customers/{customerId}": about(200, async ({ plane }) => ({
    path: { customerId: (await createCustomer(plane.dependencies, { name: "to go" })).customerId },
  })),
  "GET /v1/customers/{customerId}/clusters": about(200),
  "POST /v1/customers/{customerId}/clusters": about(201, () => ({ body: { name: "second hall" } })),
  "GET /v1/customers/{customerId}/alert-subscriptions": about(200),
  "POST /v1/customers/{customerId}/alert-subscriptions": about(201, () => ({ body: { protocol: "email", endpoint: "noc@example.com" } })),
  "DELETE /v1/customers/{customerId}/alert-subscriptions/{subscriptionId}": about(200, async ({ plane, ours }) => {
    const { subscriptionId } = await subscribeAlerts(plane.dependencies, ours.customerId, {
      protocol: "email",
      endpoint: "late@example.com",
    });
    return { path: { subscriptionId: subscriptionId ?? "" } };
  }),
  "GET /v1/alert-schema": about(200),
  "GET /v1/customers/{customerId}/alert-settings": about(200),
  "PUT /v1/customers/{customerId}/alert-settings": about(200, (world) => ({
    body: { escalateAfterMinutes: null, silentAfterSeconds: 60 + ((world.plane.clock.nowMs += 1) % 1_000) },
  })),
  "GET /v1/customers/{customerId}/maintenance": about(200),
  "POST /v1/customers/{customerId}/maintenance": about(201, ({ plane }) => ({
    body: { startsAt: inAnHour(plane, 1), endsAt: inAnHour(plane, 2), reason: "new switch" },
  })),
  "DELETE /v1/customers/{customerId}/maintenance/{windowId}": about(200, async ({ plane, ours }) => {
    const wanted = { startsAt: inAnHour(plane, 1), endsAt: inAnHour(plane, 2), reason: "to go" };
    return { path: { windowId: (await planMaintenance(plane.dependencies, ours.customerId, wanted)).windowId } };
  }),
  "GET /v1/customers/{customerId}/dead-letters": about(200),
  "POST /v1/customers/{customerId}/dead-letters/redrive": about(200, () => ({ body: {} })),
  "GET /v1/clusters/{clusterId}/incidents": about(200),
  "POST /v1/clusters/{clusterId}/incidents/{number}/acknowledgement": about(200, async (world) => ({
    path: { number: String(await freshIncident(world)) },
  })),
  "GET /v1/clusters/{clusterId}/alerts": about(200),
  "POST /v1/clusters/{clusterId}/test-alerts": about(201, () => ({ body: {} })),
  "GET /v1/clusters/{clusterId}": about(200),
  "GET /v1/clusters/{clusterId}/state": about(200),
  "GET /v1/clusters/{clusterId}/preflight": about(200),
  "GET /v1/clusters/{clusterId}/events": about(200),
  "GET /v1/clusters/{clusterId}/availability": about(200),
  "GET /v1/customers/{customerId}/availability": about(200),
  "GET /v1/clusters/{clusterId}/licences": about(200),
  "POST /v1/clusters/{clusterId}/licences": about(201, () => ({ body: { nodes: 2, validUntil: "2099-01-01T00:00:00Z" } })),
  "POST /v1/clusters/{clusterId}/licences/import": about(200, async (world) => ({ body: { signed: (await oneMore(world)).signed } })),
  "DELETE /v1/clusters/{clusterId}/licences/{licenceId}": about(200, async (world) => ({
    path: { licenceId: (await oneMore(world)).licence.licenceId },
  })),
  "POST /v1/clusters/{clusterId}/trial": about(200, (world) => emptyCluster(world, "to try")),
  "GET /v1/clusters/{clusterId}/licence-standing": about(200),
  "PUT /v1/clusters/{clusterId}/devices": about(200, () => ({ body: noDevices })),
  "PUT /v1/clusters/{clusterId}/primary": about(200, ({ ours }) => ({ body: { nodeId: ours.nodeId } })),
  "POST /v1/clusters/{clusterId}/join-tokens": about(201, () => ({ body: {} })),
  "GET /v1/clusters/{clusterId}/join-tokens": about(200),
  "DELETE /v1/clusters/{clusterId}/join-tokens/{tokenId}": about(200, async ({ plane, ours }) => {
    const secret = await newToken(plane, ours.clusterId);
    return { path: { tokenId: secretHash(secret) } };
  }),
  "DELETE /v1/clusters/{clusterId}": about(200, (world) => emptyCluster(world, "to go")),
  "PATCH /v1/clusters/{clusterId}": about(200, () => ({ body: { name: "back desk" } })),
  "PATCH /v1/clusters/{clusterId}/nodes/{nodeId}": about(200, ({ ours }) => ({ path: { nodeId: ours.nodeId }, body: { name: "renamed" } })),
  "PUT /v1/clusters/{clusterId}/groups/{group}": changing(({ ours }) => ({
    path: { group: "default" },
    body: { order: [ours.nodeId], resources: [{ kind: "service", name: "phones" }], failback: { mode: "manual" } },
  })),
  "PUT /v1/clusters/{clusterId}/data-sets/{dataSet}": changing(() => ({
    path: { dataSet: "calls" },
    body: { kind: "state", group: "default" },
  })),
  "DELETE /v1/clusters/{clusterId}/groups/{group}": changing(async (world) => {
    const target = { clusterId: world.ours.clusterId, group: "spare" as GroupName, expectedVersion: await versionOfOurs(world) };
    await putGroup(world.plane.dependencies, target, { order: [], resources: [], failback: { mode: "manual" } });
    return { path: { group: "spare" } };
  }),
  "DELETE /v1/clusters/{clusterId}/data-sets/{dataSet}": changing(async (world) => {
    const expectedVersion = await versionOfOurs(world);
    const calls = { kind: "state", name: "old-calls", group: "default" as GroupName, local: [] } as const;
    await changeDataSet(world.plane.dependencies, { clusterId: world.ours.clusterId, expectedVersion }, calls);
    return { path: { dataSet: "old-calls" } };
  }),
  "GET /v1/clusters/{clusterId}/triggers": about(200),
  "PUT /v1/clusters/{clusterId}/triggers/{trigger}": changing(() => ({ path: { trigger: "nightly" }, body: nightly })),
  "DELETE /v1/clusters/{clusterId}/triggers/{trigger}": changing(() => ({ path: { trigger: "nightly" } })),
  "POST /v1/clusters/{clusterId}/triggers/{trigger}/token": about(201, async (world) => {
    const target = { clusterId: world.ours.clusterId, trigger: "door", expectedVersion: await versionOfOurs(world) };
    await putTrigger(world.plane.dependencies, target, { ...nightly, source: { kind: "webhook" } });
    return { path: { trigger: "door" } };
  }),
  "PUT /v1/clusters/{clusterId}/when-alone": about(200, () => ({ body: { whenAlone: "survivor" } })),
  "DELETE /v1/clusters/{clusterId}/nodes/{nodeId}": about(200, async (world) => {
    const { clusterId, nodeId } = await world.freshCluster();
    return { path: { clusterId, nodeId } };
  }),
  // For nodes alone, by a signature: to callers of the API it is closed, whatever their role (use-cases/cloud-witness.test.ts).
  "POST /v1/witness": about(200, () => ({ body: { question: '{"type":"look"}', certificatePem: "none", signature: "AA" } })),
  "POST /v1/node-certificate": about(200, () => ({
    body: { certificatePem: "none", nextCertificatePem: "none", signature: "AA", nextSignature: "AA" },
  })),
  "GET /v1/clusters/{clusterId}/approval": about(200),
  "PUT /v1/clusters/{clusterId}/approval": about(200, async ({ plane, ours }) => {
    const request = { name: "to approve", timing: "default", dataSets: [], resources: [] } as const;
    const { document } = await createCluster(plane.dependencies, ours.customerId, request);
    return { path: { clusterId: document.clusterId }, body: await (await Approver.create()).sign(document, 1) };
  }),
  "PUT /v1/clusters/{clusterId}/cloud-witness": changing(() => ({ body: { cloudWitness: "off" } })),
  "POST /v1/enrol": about(201, async (world) => {
    const { clusterId } = await world.freshCluster();
    return { body: enrolRequest(await newToken(world.plane, clusterId), await newIdentity(), "second node", 7_100) };
  }),
  "GET /v1/api-keys": about(200),
  "POST /v1/api-keys": about(201, (world, caller) => ({
    body: { name: "nightly", access: { role: "viewer", customers: [ownTenant(world, caller).customerId] } },
  })),
  "DELETE /v1/api-keys/{keyId}": about(200, async (world) => {
    const access = { role: "viewer", customers: [world.ours.customerId] } as const;
    const { apiKey } = await makeApiKey(world.plane.dependencies, "test", { name: "to go", access, expiresAt: null });
    return { path: { keyId: apiKey.keyId } };
  }),
  "GET /v1/users": about(200),
  "POST /v1/users": about(201, (world, caller) => ({
    body: { email: `${randomUUID()}@example.com`, access: { role: "viewer", customers: [ownTenant(world, caller).customerId] } },
  })),
  "PUT /v1/users/{userId}": about(200, async (world) => ({
    path: { userId: await ourViewer(world) },
    body: { access: { role: "operator", customers: [world.ours.customerId] } },
  })),
  "DELETE /v1/users/{userId}": about(200, async (world) => ({ path: { userId: await ourViewer(world) } })),
  "POST /v1/users/{userId}/password": about(201, async (world) => ({ path: { userId: await ourViewer(world) } })),
  "GET /v1/audit": about(200),
  "GET /v1/customers/{customerId}/audit": about(200),
};

const nightly = {
  source: { kind: "schedule", cron: "30 2 * * *", zone: "Europe/Berlin" },
  actions: [{ kind: "command", name: "bells", command: "ring" }],
};

/** A further one of ours, without nodes. */
async function emptyCluster({ plane, ours }: AccessWorld, name: string): Promise<Pick<Sample, "path">> {
  const request = { name, timing: "default", dataSets: [], resources: [] } as const;
  const { document } = await createCluster(plane.dependencies, ours.customerId, request);
  return { path: { clusterId: document.clusterId } };
}

function inAnHour({ clock }: ControlPlane, hours: number): string {
  return new Date(clock.nowMs + hours * 3_600_000).toISOString();
}

/** Number of one of our cluster that nobody has acknowledged. */
async function freshIncident({ plane, ours }: AccessWorld): Promise<number> {
  const { dependencies, clock } = plane;
  clock.nowMs += 3_600_000;
  const event = takeoverEvent(ours.clusterId, ours.nodeId, ours.nodeId, Math.trunc(clock.nowMs / 1_000));
  await recordEvent(dependencies, { ...event, at: new Date(clock.nowMs).toISOString() });
  await alertsHandler(dependencies)();
  const { incidents } = await listIncidents(dependencies, ours.clusterId, { limit: 1 });
  return incidents[0]?.number ?? 0;
}

async function ourViewer({ plane, ours }: AccessWorld): Promise<string> {
  const { dependencies } = plane;
  const userId = await dependencies.directory.ensure(`${randomUUID()}@example.com`);
  const access = { role: "viewer", customers: [ours.customerId] } as const;
  const now = new Date(plane.clock.nowMs).toISOString();
  await dependencies.stores.users.add({ userId, email: "v@example.com", access, createdAt: now, createdBy: "test", sessionsFrom: now });
  return userId;
}

/** For what every owner may make within its own customers. */
function ownTenant({ ours, theirs }: AccessWorld, { of }: Caller): Tenant {
  return of === "theirs" ? theirs : ours;
}

function oneMore({ plane, ours }: AccessWorld) {
  return issueLicence(plane.dependencies, ours.clusterId, { nodes: 1, validUntil: "2099-01-01T00:00:00Z", graceDays: 30 });
}
