import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import { ingestHandler } from "../../../functions/ingest/handler.ts";
import { NotifierError } from "../../../functions/notify/notifier.ts";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { listEvents } from "../../../functions/use-cases/list-events.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { type ClusterId, controlPlaneId, type NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane, takeoverEvent } from "../control-plane.ts";

let plane: ControlPlane;
let clusterId: ClusterId;
let alpha: NodeId;
let beta: NodeId;
/** Beta's. */
let certificateSha256: string;
let epoch = 0;
beforeAll(async () => {
  plane = await startControlPlane();
  clusterId = await newCluster(plane, 2);
  alpha = (await enrolled(plane, clusterId, "alpha", 7_000)).nodeId;
  const enrolledBeta = await enrolled(plane, clusterId, "beta", 7_010);
  beta = enrolledBeta.nodeId;
  ({ certificateSha256 } = enrolledBeta.identity);
});
afterAll(() => plane.close());
beforeEach(async () => {
  plane.alerts.failWith = undefined;
  await dispatchAlerts(plane.dependencies);
  plane.alerts.published.length = 0;
  // So far from the last one that it is an incident of its own.
  plane.clock.nowMs += 600_000;
  epoch += 1;
});

const takeover = (): ClusterEvent => ({ ...takeoverEvent(clusterId, beta, alpha, epoch), at: new Date(plane.clock.nowMs).toISOString() });
const incidentOf = (alertId: string) => alertId.split("/")[2];
const record = (events: readonly unknown[], sender = beta) => recordEvents(plane.dependencies, { clusterId, nodeId: sender }, { events });

describe("events: what is stored and what is refused", () => {
  it("a bad one among good ones is refused by its id with the reason; the others are stored", async () => {
    const good = takeover();
    const receipt = await record([{ ...good, eventId: "bad", severity: "loud" }, good]);
    expect(receipt).toEqual({ stored: [good.eventId], refused: [{ eventId: "bad", reason: expect.stringContaining("severity") }] });
    expect(await plane.dependencies.stores.events.find(clusterId, good.eventId)).toEqual(good);
  });

  it("what is refused is told in its place, with an alert, once however often it comes", async () => {
    const [first, second] = [takeover(), takeover()];
    const unread = { ...first, detail: { ...first.detail, silentMs: -30 } };
    const strange = { ...second, eventId: `${second.eventId}/strange`, detail: { kind: "<b>no kind</b>" } };
    await record([unread, strange]);
    await record([unread, strange]);
    await dispatchAlerts(plane.dependencies);
    const { events } = await listEvents(plane.dependencies, clusterId, { limit: 10 });
    const told = events.filter(({ at }) => at === new Date(plane.clock.nowMs).toISOString());
    expect(told.map(({ reporter, severity, detail }) => ({ reporter, severity, ...detail }))).toEqual(
      expect.arrayContaining([
        {
          reporter: controlPlaneId,
          severity: "warning",
          kind: "event.refused",
          node: beta,
          what: "group.takeover",
          reason: expect.stringContaining("silentMs") as string,
        },
        expect.objectContaining({ kind: "event.refused", what: "of no kind that is known" }),
      ]),
    );
    expect(told).toHaveLength(2);
    plane.clock.nowMs += 60_000;
    await dispatchAlerts(plane.dependencies);
    expect(plane.alerts.published.map(({ body }) => body.kind)).toEqual(["event.refused"]);
    expect(plane.alerts.published.map(({ emailText }) => emailText).join("\n")).toContain(
      "an event of beta (group.takeover) could not be taken in",
    );
  });

  it("one of another cluster, or in another node's name, is refused", async () => {
    const foreign = takeoverEvent("clus_00000000000000000000" as ClusterId, beta, alpha, 1);
    expect((await record([foreign]))?.refused).toMatchObject([{ reason: expect.stringContaining("belongs to cluster") }]);
    expect((await record([takeover()], alpha))?.refused).toMatchObject([{ reason: expect.stringContaining("as its reporter") }]);
  });

  it.each([[null], [{}], [{ events: [] }], [{ events: Array.from({ length: 51 }, () => ({})) }]])(
    "what is no batch gets no receipt (%#)",
    async (message) => {
      expect(await recordEvents(plane.dependencies, { clusterId, nodeId: beta }, message)).toBeNull();
    },
  );

  it("the store fails between alert and event: no receipt, and the node's repeat mends it with one alert", async () => {
    const event = takeover();
    vi.spyOn(plane.dependencies.stores.events, "add").mockRejectedValueOnce(new Error("power cut"));
    await expect(record([event])).rejects.toThrow("power cut");
    expect(await record([event])).toEqual({ stored: [event.eventId], refused: [] });
    await dispatchAlerts(plane.dependencies);
    expect(plane.alerts.published.map(({ body }) => body.kind)).toEqual(["group.takeover"]);
  });
});

describe("alerts: one takeover is one alert", () => {
  it("reported by two nodes and three times: sent once, in words, with the names", async () => {
    const event = takeover();
    await record([event]);
    await record([event]);
    await record([{ ...event, reporter: alpha }], alpha);
    await dispatchAlerts(plane.dependencies);
    await dispatchAlerts(plane.dependencies);
    expect(plane.alerts.published).toHaveLength(1);
    expect(plane.alerts.published[0]?.body).toMatchObject({
      alertId: expect.stringMatching(new RegExp(`^${clusterId}/incident/\\d+/1$`)),
      customer: { name: "Hotel Adler" },
      cluster: { name: "front desk" },
      sentence: "beta took over group default: alpha silent for 480 ms, 2 of 3 votes",
      incident: { phase: "opened", facts: [{ times: 1, isNew: true }], lateMs: null },
    });
  });

  it("what is only for the timeline alerts nobody", async () => {
    await record([{ ...takeover(), severity: "info", detail: { kind: "agent.started", incarnation: 1, agentVersion: "0.1.0" } }]);
    expect(await dispatchAlerts(plane.dependencies)).toEqual({ sent: 0, postponed: 0, more: false });
  });

  it("SNS away: tried again after growing pauses, and sent when it is back", async () => {
    await record([takeover()]);
    plane.alerts.failWith = new NotifierError("unavailable", "connection refused", null);
    expect(await dispatchAlerts(plane.dependencies)).toMatchObject({ postponed: 1 });
    expect(await dispatchAlerts(plane.dependencies)).toMatchObject({ postponed: 0, sent: 0 });
    plane.clock.nowMs += 1_000;
    expect(await dispatchAlerts(plane.dependencies)).toMatchObject({ postponed: 1 });
    plane.alerts.failWith = undefined;
    plane.clock.nowMs += 1_000;
    expect(await dispatchAlerts(plane.dependencies)).toMatchObject({ sent: 0 });
    plane.clock.nowMs += 1_000;
    expect(await dispatchAlerts(plane.dependencies)).toMatchObject({ sent: 1 });
  });

  it.each([
    ["before publishing", () => vi.spyOn(plane.dependencies.stores.outgoingAlerts, "standing"), 1],
    ["while publishing", () => vi.spyOn(plane.alerts, "publish"), 1],
    ["between publishing and marking", () => vi.spyOn(plane.dependencies.stores.outgoingAlerts, "markSent"), 2],
  ])("killed %s: nothing is lost, and a repeat bears the same id", async (_instant, spyOnStep, published) => {
    const event = takeover();
    await record([event]);
    spyOnStep().mockRejectedValueOnce(new Error("killed"));
    await expect(dispatchAlerts(plane.dependencies)).rejects.toThrow("killed");
    await dispatchAlerts(plane.dependencies);
    await dispatchAlerts(plane.dependencies);
    expect(plane.alerts.published).toHaveLength(published);
    expect(new Set(plane.alerts.published.map(({ body }) => incidentOf(body.alertId)))).toHaveLength(1);
  });
});

describe("the Lambda entries do the same", () => {
  it("an IoT rule's event is stored and answered with a receipt; the alert entry sends it", async () => {
    const event = takeover();
    const payload = Buffer.from(JSON.stringify({ events: [event] })).toString("base64");
    await ingestHandler(plane.dependencies)({ payload, topic: cloudTopics.events(clusterId, beta), clientId: beta, certificateSha256 });
    expect(plane.messages.receipts.at(-1)).toEqual({ stored: [event.eventId], refused: [] });
    await alertsHandler(plane.dependencies)();
    expect(plane.alerts.published).toHaveLength(1);
  });

  it("awake, the alert entry waits for what falls due within seconds, and for nothing else", async () => {
    await record([takeover()]);
    vi.spyOn(plane.alerts, "publish").mockRejectedValueOnce(new NotifierError("throttled", "later", undefined));
    const pauses: number[] = [];
    await alertsHandler(plane.dependencies, async (ms) => {
      pauses.push(ms);
      plane.clock.nowMs += ms;
    })();
    expect(plane.alerts.published).toHaveLength(1);
    expect(pauses).toEqual([1_000]);
  });

  it("a message with a certificate that no document names is dropped", async () => {
    const payload = Buffer.from(JSON.stringify({ events: [takeover()] })).toString("base64");
    const message = { payload, topic: cloudTopics.events(clusterId, beta), clientId: beta, certificateSha256: "ab".repeat(32) };
    const before = plane.messages.receipts.length;
    await ingestHandler(plane.dependencies)(message);
    expect(plane.messages.receipts).toHaveLength(before);
  });

  it("a topic that is not the client's is refused", async () => {
    const message = { payload: "", topic: cloudTopics.events(clusterId, alpha), clientId: beta, certificateSha256 };
    await expect(ingestHandler(plane.dependencies)(message)).rejects.toThrow("no topic of");
  });
});
