import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { triggerSettingsSchema } from "../../../agent/config/trigger-settings.ts";
import { openTriggerEndpoint } from "../../../agent/triggers/trigger-endpoint.ts";
import { TriggerRunner } from "../../../agent/triggers/trigger-runner.ts";
import type { ClusterId, EventId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent, EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { sentOccurrences } from "../../../shared/domain/triggers/sent-log.ts";
import type { Trigger } from "../../../shared/domain/triggers/trigger.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { VirtualReplica } from "./virtual-replica.ts";

const folder = mkdtempSync(join(tmpdir(), "us-runner-"));
const ran = join(folder, "ran");
const group = "default" as GroupName;
const token = "a-token-of-the-test";
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text: string) => {
    body += text;
  });
  // Once it fails, so that it comes again.
  request.on("end", () => response.writeHead(received.push({ headers: request.headers, body }) === 1 ? 500 : 204).end());
});
const told: EventDetail[] = [];
let isHolder = false;
/** The control loop is late: nobody knows whether the group is still held. */
let isLate = false;
/** What is to happen once a note is on another disk. */
let whenNoted: () => void = () => {};
let look: () => void = () => {};
let runner: TriggerRunner;
let endpoint: { close(): Promise<void> };
let url = "";

const common = { group, log: "sent", since: new Date().toISOString(), late: { withinSeconds: 3_600, atMost: 100 }, keptDays: 90 };
const triggersTo = (receiverUrl: string): readonly Trigger[] => [
  {
    ...common,
    name: "door",
    source: { kind: "webhook", tokenSha256: createHash("sha256").update(token).digest("hex") },
    actions: [{ kind: "webhook", name: "hook", url: receiverUrl }],
  },
  {
    ...common,
    name: "bell",
    source: { kind: "schedule", cron: "* * * * * *", zone: "UTC" },
    actions: [{ kind: "command", name: "ring", command: "ring" }],
  },
  {
    ...common,
    name: "moved",
    source: { kind: "event", events: ["group.takeover"] },
    actions: [
      { kind: "webhook", name: "elsewhere", url: "http://other.example.com/" },
      { kind: "sns", name: "alert", text: "it has moved" },
    ],
  },
];

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const triggers = triggersTo(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`);
  const [port = 0] = await freePorts(1);
  const script = `BEGIN { print ENVIRON["UNDERSTUDY_OCCURRENCE"] >> "${ran}" }`;
  const settings = triggerSettingsSchema.parse({
    webhooks: { port, tls: "off" },
    webhookHosts: { "127.0.0.1": {} },
    commands: { ring: { command: ["/usr/bin/awk", script] } },
  });
  const replica = new VirtualReplica("node-a", new SeededRandom(1));
  const document = { groups: [{ name: group }], triggers } as unknown as ClusterDocument;
  runner = new TriggerRunner({
    nodeId: "node_00000000000000000001" as NodeId,
    clusterId: "clus_00000000000000000001" as ClusterId,
    settings,
    ownHost: "127.0.0.1",
    dataDir: folder,
    nameOf: () => "node-a",
    document: () => document,
    standings: {
      of: () => (isHolder ? { is: "operational", epoch: 7 } : { is: "standby" }),
      tenureOf: () => (isHolder && !isLate ? { epoch: 7, untilUs: Number.MAX_SAFE_INTEGER } : null),
      onView: (listener) => {
        look = listener;
      },
    },
    replication: {
      records: replica.records,
      barrier: async (dataSet) => {
        whenNoted();
        return { dataSet, heldBy: [], tookMs: 1 };
      },
    },
    record: (detail) => told.push(detail),
    isWaiting: () => false,
    log: { info: () => {}, warn: () => {} },
  });
  const endpointSettings = settings.webhooks;
  if (endpointSettings === undefined) throw new Error("it has an endpoint");
  endpoint = await openTriggerEndpoint({
    host: "127.0.0.1",
    settings: endpointSettings,
    runner,
    holderOf: () => "node-b",
    log: { error: (text: unknown) => expect.fail(String(text)) },
    nowMs: () => performance.now(),
  });
  url = `http://127.0.0.1:${port}/triggers`;
});
afterAll(async () => {
  await endpoint.close();
  await runner.close();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true });
});

const authorization = `Bearer ${token}`;
const knock = (headers: Record<string, string>, { body = "{}", name = "door", method = "POST" } = {}): Promise<Response> =>
  fetch(`${url}/${name}`, { method, headers, ...(method === "POST" ? { body } : {}) });
const sent = async () => {
  const log = runner.logOf("sent", group);
  return sentOccurrences([...(await log.page(null, 500)).attempts, ...(await log.open())]);
};

it("who is not the holder takes no request, and says who is; strangers and mistakes are told apart", async () => {
  const elsewhere = await knock({ authorization });
  expect([elsewhere.status, await elsewhere.json()]).toMatchObject([
    503,
    { holder: "node-b", error: { nextStep: expect.stringContaining("node-b") as string } },
  ]);
  expect((await knock({})).status).toBe(401);
  expect((await knock({ authorization: "Bearer wrong" })).status).toBe(401);
  expect((await knock({ authorization }, { name: "bell" })).status, "that one is a schedule's").toBe(404);
  expect((await knock({ authorization }, { method: "GET" })).status).toBe(405);
  expect((await knock({ authorization }, { body: "no JSON" })).status).toBe(400);
  expect((await knock({ authorization }, { body: `"${"x".repeat(9_000)}"` })).status).toBe(413);
  const flood = await Promise.all(Array.from({ length: 30 }, () => knock({})));
  expect(flood.map(({ status }) => status)).toContain(429);
  expect(await sent()).toEqual([]);
});

it("the holder takes a request once for one key; what it sends comes again until it is taken, under one id", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  isHolder = true;
  look();
  const headers = { authorization, "idempotency-key": "ring-1" };
  const first = await knock(headers, { body: '{"door":"north"}' });
  const answer = (await first.json()) as { readonly occurrence: string };
  expect([first.status, answer]).toMatchObject([202, { repeated: false, replicated: true }]);
  expect(await (await knock(headers)).json()).toEqual({ occurrence: answer.occurrence, repeated: true, replicated: true });
  await expect.poll(() => received.length, { timeout: 5_000 }).toBe(2);
  expect(new Set(received.map((one) => one.headers["idempotency-key"]))).toEqual(
    new Set([`clus_00000000000000000001/${answer.occurrence}`]),
  );
  expect(received[1]?.headers["understudy-epoch"]).toBe("7");
  expect(JSON.parse(received[1]?.body ?? "")).toMatchObject({ trigger: "door", payload: { door: "north" }, node: "node-a" });
  await expect
    .poll(async () => (await sent()).find(({ id }) => id === answer.occurrence), { timeout: 5_000 })
    .toMatchObject({
      outcome: "done",
      attempts: [{ node: { name: "node-a" }, epoch: 7, results: [{ name: "hook", outcome: "done", tries: 2 }] }],
    });
});

it("what a holder has noted while its control loop was late is done when it is heard again, under the same id", async () => {
  const before = received.length;
  whenNoted = () => {
    isLate = true;
  };
  const first = await knock({ authorization, "idempotency-key": "ring-2" });
  const { occurrence } = (await first.json()) as { readonly occurrence: string };
  expect(first.status).toBe(202);
  await new Promise((resolve) => setTimeout(resolve, 300));
  whenNoted = () => {};
  isLate = false;
  look();
  await expect.poll(async () => (await sent()).find(({ id }) => id === occurrence)?.outcome, { timeout: 10_000 }).toBe("done");
  const ids = received.slice(before).map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(ids)).toEqual(new Set([`clus_00000000000000000001/${occurrence}`]));
  expect((await knock({ authorization, "idempotency-key": "ring-3" })).status).toBe(202);
  await expect.poll(() => received.length, { timeout: 5_000 }).toBe(before + ids.length + 1);
});

it("a schedule runs its command each time, once; an event does its actions, and one that this node may not do is told", async () => {
  const detail = { kind: "group.takeover", group, epoch: 7 } as unknown as EventDetail;
  runner.eventTold({ eventId: "e/1" as EventId, detail, at: new Date().toISOString() } as ClusterEvent);
  await expect.poll(() => told.map(({ kind }) => kind), { timeout: 5_000 }).toEqual(["trigger.fired", "trigger.failed"]);
  expect(told[1]).toMatchObject({ reason: "elsewhere (1 try): other.example.com is not in triggers.webhookHosts of this node's settings" });
  expect(runner.problems).toEqual([
    "trigger moved cannot do elsewhere here: other.example.com is not in triggers.webhookHosts of this node's settings",
  ]);
  await expect.poll(() => readFileSync(ran, "utf8").trim().split("\n").length, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
  isHolder = false;
  look();
  await runner.close();
  const rung = readFileSync(ran, "utf8").trim().split("\n");
  expect(new Set(rung).size).toBe(rung.length);
  expect(rung[0]).toMatch(/^clus_00000000000000000001\/bell\/\d{4}-/);
});
