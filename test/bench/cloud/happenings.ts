import { alertsHandler } from "../../../functions/alerts/handler.ts";
import { apiApp } from "../../../functions/api/api-app.ts";
import { ingestHandler } from "../../../functions/ingest/handler.ts";
import { presenceHandler } from "../../../functions/presence/handler.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { chooseCloudWitness } from "../../../functions/use-cases/choose-cloud-witness.ts";
import { lookAfterCertificates } from "../../../functions/use-cases/look-after-certificates.ts";
import { settleLicences } from "../../../functions/use-cases/settle-licences.ts";
import { watchPresence } from "../../../functions/use-cases/watch-presence.ts";
import type { ClusterId, EventId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { type ClusterEvent, severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { enrolled, type NodeIdentity, newCluster, takeoverEvent } from "../../functions/control-plane.ts";
import { signedQuestion } from "../../functions/signed-question.ts";
import type { CountedPlane } from "./counted-plane.ts";
import { sumOf, type Usage } from "./list-prices.ts";
import { sampleEpochMs, sampleReport } from "./node-day.ts";

/** What happens once, and what it takes. */
export interface Happenings {
  readonly report: Usage;
  readonly event: Usage;
  readonly takeover: Usage;
  readonly reconnect: Usage;
  readonly look: Usage;
  readonly hourlySweep: Usage;
  readonly change: Usage;
  readonly pageRead: Usage;
  /** Of the whole fleet, however large: every minute, while nothing is due. */
  readonly sweeps: Usage;
}

interface Node {
  readonly nodeId: NodeId;
  readonly identity: NodeIdentity;
}

/** Has each of them happen once through the real handlers, to a cluster of so many nodes, all of them voters. */
export async function happeningsOf(counted: CountedPlane, nodes: number, hasCloudWitness: boolean): Promise<Happenings> {
  const cluster = await steadyCluster(counted, nodes, hasCloudWitness);
  const { dependencies } = counted.plane;
  const { clusterId, members } = cluster;
  const [first, second] = members;
  if (first === undefined || second === undefined) throw new Error("a cluster has two nodes at least");
  const events = (event: ClusterEvent) => delivered(counted, { clusterId, member: first, kind: "events" }, { events: [event] });
  const nothingDue = await counted.invoked(() => alertsHandler(dependencies)());
  const request = await apiCalls(counted);
  const look = () => request("POST", "/v1/witness", signedQuestion(first.identity, { type: "look" }));
  // The first one after a change tells the witness of the document; all the others find it known.
  if (hasCloudWitness) await look();
  return {
    report: await reported(counted, cluster, first),
    event: await events(infoEvent(clusterId, first.nodeId)),
    takeover: sumOf([
      await events(takeoverEvent(clusterId, first.nodeId, second.nodeId, 1)),
      await counted.invoked(() => alertsHandler(dependencies)()),
      // Woken by what it has itself written into the outbox.
      nothingDue,
    ]),
    reconnect: await reconnect(counted, first),
    look: hasCloudWitness ? await look() : {},
    hourlySweep: await counted.invoked(async () => {
      await settleLicences(dependencies, clusterId);
      await lookAfterCertificates(dependencies, clusterId);
    }),
    // The broker delivers the document to every node, and each acknowledges it.
    change: sumOf([await request("PATCH", `/v1/clusters/${clusterId}`, { name: "front desk 2" }), { iotMessages: 2 * nodes }]),
    pageRead: await request("GET", `/v1/clusters/${clusterId}/state`),
    sweeps: sumOf([nothingDue, await counted.invoked(() => watchPresence(dependencies))]),
  };
}

interface Cluster {
  readonly clusterId: ClusterId;
  readonly members: readonly Node[];
  readonly witness: NodeId | undefined;
}

/** Everybody has joined, has its vote, and has said so. */
async function steadyCluster(counted: CountedPlane, nodes: number, hasCloudWitness: boolean): Promise<Cluster> {
  const { plane } = counted;
  const { dependencies } = plane;
  const clusterId = await newCluster(plane, nodes);
  const members: Node[] = [];
  for (let number = 0; number < nodes; number += 1) {
    members.push(await enrolled(plane, clusterId, `node-${number}`, 7_000 + 2 * number));
    for (const member of [...members, ...members]) await reported(counted, { clusterId, members, witness: undefined }, member);
  }
  if (hasCloudWitness) await chooseCloudWitness(dependencies, clusterId, "on");
  const cluster: Cluster = { clusterId, members, witness: (await documentOf(counted, clusterId)).witness?.nodeId };
  for (const member of [...members, ...members, ...members]) await reported(counted, cluster, member);
  const { nodes: named, witness } = await documentOf(counted, clusterId);
  if (named.some(({ voting }) => !voting) || witness?.voting === false)
    throw new Error("the cluster did not become steady: somebody has no vote");
  return cluster;
}

async function documentOf({ plane }: CountedPlane, clusterId: ClusterId): Promise<ClusterDocument> {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is there");
  return cluster.document;
}

async function reported(counted: CountedPlane, { clusterId, members, witness }: Cluster, member: Node): Promise<Usage> {
  const { nodeId } = member;
  const { clock } = counted.plane;
  clock.nowMs += 1_000;
  const nodeIds = [nodeId, ...members.map((one) => one.nodeId).filter((other) => other !== nodeId)];
  const { version } = await documentOf(counted, clusterId);
  const about = { nodes: members.length, nowMs: clock.nowMs - sampleEpochMs, clusterId, nodeIds, documentVersion: version };
  return delivered(counted, { clusterId, member, kind: "report" }, sampleReport(witness === undefined ? about : { ...about, witness }));
}

/** As the rule hands a node's message to the function. */
async function delivered(
  counted: CountedPlane,
  {
    clusterId,
    member: { nodeId, identity },
    kind,
  }: { readonly clusterId: ClusterId; readonly member: Node; readonly kind: "events" | "report" },
  message: object,
): Promise<Usage> {
  const topic = cloudTopics[kind](clusterId, nodeId);
  const payload = JSON.stringify(message);
  const recorded = {
    topic,
    payload: Buffer.from(payload).toString("base64"),
    clientId: nodeId,
    certificateSha256: identity.certificateSha256,
  };
  return counted.delivered(topic, payload, () => ingestHandler(counted.plane.dependencies)(recorded));
}

/** Its way to the cloud breaks and comes back: it connects, subscribes, and gets the document, which it acknowledges; the broker tells both through a queue. */
async function reconnect(counted: CountedPlane, { nodeId, identity }: Node): Promise<Usage> {
  const { dependencies, clock } = counted.plane;
  const told = (eventType: "connected" | "disconnected", versionNumber: number): Promise<Usage> => {
    clock.nowMs += 1_000;
    const principalIdentifier = identity.certificateSha256;
    const body = JSON.stringify({ clientId: nodeId, eventType, timestamp: clock.nowMs, versionNumber, principalIdentifier });
    return counted.invoked(() => presenceHandler(dependencies)({ Records: [{ messageId: "1", body }] }));
  };
  const onItsWay: Usage = { iotMessages: 4, iotRules: 2, iotActions: 2, queueRequests: 6 };
  const gone = await told("disconnected", 1);
  return sumOf([onItsWay, gone, await counted.invoked(() => watchPresence(dependencies)), await told("connected", 2)]);
}

/** Requests of somebody with a key, as API Gateway hands them on. */
async function apiCalls(counted: CountedPlane) {
  const { dependencies } = counted.plane;
  const access = { role: "owner", customers: "all" } as const;
  const { secret } = await makeApiKey(dependencies, "costs", { name: "costs", access, expiresAt: null });
  const app = apiApp(dependencies);
  return async (method: string, path: string, body?: object): Promise<Usage> => {
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const invocation = await counted.invoked(async () => {
      const answer = await app.request(path, init);
      if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    });
    return sumOf([{ apiRequests: 1 }, invocation]);
  };
}

/** One that is kept for people to read, and told to nobody. */
function infoEvent(clusterId: ClusterId, reporter: NodeId): ClusterEvent {
  const detail = { kind: "agent.started", incarnation: 3, agentVersion: "0.1.0" } as const;
  const eventId = `${clusterId}/${reporter}/3/1` as EventId;
  return { eventId, clusterId, reporter, at: "2026-01-01T00:00:00.000Z", severity: severityOf[detail.kind], detail };
}
