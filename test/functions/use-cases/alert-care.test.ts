import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { type SnsEndpoint, startSnsEndpoint } from "../../../functions/embedded/sns/start-sns-endpoint.ts";
import { endpointDeliveries } from "../../../functions/embedded/sns-deliveries.ts";
import { SnsNotifier } from "../../../functions/notify/sns-notifier.ts";
import { acknowledgeIncident } from "../../../functions/use-cases/acknowledge-incident.ts";
import { readAlertHistory } from "../../../functions/use-cases/alert-history.ts";
import { changeAlertSettings, readAlertSettings } from "../../../functions/use-cases/alert-settings.ts";
import { subscribeAlerts } from "../../../functions/use-cases/alert-subscriptions.ts";
import { listDeadLetters, redriveDeadLetters } from "../../../functions/use-cases/dead-letters.ts";
import { listIncidents } from "../../../functions/use-cases/list-incidents.ts";
import { endMaintenance, listMaintenance, planMaintenance } from "../../../functions/use-cases/maintenance.ts";
import { readAuditLog } from "../../../functions/use-cases/read-audit-log.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import { sendTestAlert } from "../../../functions/use-cases/send-test-alert.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, newCluster, startControlPlane, takeoverEvent } from "../control-plane.ts";
import { HttpInbox } from "../embedded/sns/http-inbox.ts";
import { endpointOptions, snsClient, temporaryFolder } from "../embedded/sns/running-endpoint.ts";

const minuteMs = 60_000;
const [alpha, beta] = ["a", "b"].map((letter) => `node_0000000000000000000${letter}`) as [NodeId, NodeId];

let plane: ControlPlane;
let folder: string;
let sns: SnsEndpoint;
let dependencies: Dependencies;
let customerId: CustomerId;
let clusterId: ClusterId;
let epoch = 0;
beforeAll(async () => {
  plane = await startControlPlane();
  folder = await temporaryFolder();
  sns = await startSnsEndpoint({ ...endpointOptions(folder), retry: { attemptsMax: 2, firstDelayMs: 5, delayMsMax: 5 } });
  dependencies = { ...plane.dependencies, notifier: new SnsNotifier(snsClient(sns.url)), deliveries: endpointDeliveries(sns) };
  clusterId = await newCluster(plane, 2);
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is not in the store");
  ({ customerId } = cluster.document);
});
afterAll(async () => {
  await sns.close();
  await plane.close();
  await rm(folder, { recursive: true });
});

const iso = (afterMs = 0) => new Date(plane.clock.nowMs + afterMs).toISOString();
const dispatch = () => alertsHandler(dependencies)();
const announced = async () => (await listIncidents(dependencies, clusterId, { limit: 1 })).incidents[0]?.announced;
const refused = { name: "Refusal", code: "invalid-request" };

/** A day later, another takeover: an incident of its own. */
async function takeover(): Promise<void> {
  plane.clock.nowMs += 25 * 60 * minuteMs;
  epoch += 1;
  await recordEvent(dependencies, { ...takeoverEvent(clusterId, beta, alpha, epoch), at: iso() });
  await dispatch();
}

const plan = (startsMs: number, endsMs: number, more = {}) =>
  planMaintenance(dependencies, customerId, { startsAt: iso(startsMs), endsAt: iso(endsMs), reason: "work", ...more });

describe("maintenance windows", () => {
  it("what happens in one is told when it ends, and at once where somebody ends it before its time", async () => {
    plane.clock.nowMs += 25 * 60 * minuteMs;
    const later = await planMaintenance(dependencies, customerId, {
      startsAt: iso(),
      endsAt: iso(60 * 60 * minuteMs),
      reason: "new switch",
    });
    await takeover();
    expect(await announced()).toBe(0);
    await endMaintenance(dependencies, customerId, later.windowId);
    expect(await announced()).toBe(1);
    await planMaintenance(dependencies, customerId, { clusterId, startsAt: iso(), endsAt: iso(30 * 60 * minuteMs), reason: "once more" });
    await takeover();
    expect(await announced()).toBe(0);
    plane.clock.nowMs += 6 * 60 * minuteMs;
    await dispatch();
    expect(await announced()).toBe(1);
    expect(await listMaintenance(dependencies, customerId)).toEqual([]);
    await expect(endMaintenance(dependencies, customerId, later.windowId)).rejects.toMatchObject({ code: "not-found" });
  });

  it("one that cannot be is refused with the reason: it ends before it begins, is over, lasts too long, or is of another's cluster", async () => {
    await expect(plan(minuteMs, 0)).rejects.toMatchObject({ ...refused, message: expect.stringContaining("ends before it begins") });
    await expect(plan(-2 * minuteMs, -minuteMs)).rejects.toMatchObject({ message: expect.stringContaining("over already") });
    const days = limits.maintenanceDaysMax;
    await expect(plan(0, (days * 24 * 60 + 1) * minuteMs)).rejects.toMatchObject({ message: expect.stringContaining(`${days} days`) });
    const another = await newCluster(plane, 2);
    await expect(plan(0, minuteMs, { clusterId: another })).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("incidents", () => {
  it("pages lead from the newest to the oldest, through those that have left the book", async () => {
    await takeover();
    await takeover();
    const numbers: number[] = [];
    let before: number | undefined;
    do {
      const { incidents, next } = await listIncidents(dependencies, clusterId, { limit: 1, before });
      numbers.push(...incidents.map(({ number }) => number));
      before = next;
    } while (before !== undefined);
    expect(numbers.length).toBeGreaterThanOrEqual(2);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_none, index) => numbers.length - index));
  });

  it("acknowledged twice: the first one stays, and the log has it once; one that never was is refused", async () => {
    await takeover();
    const number = (await listIncidents(dependencies, clusterId, { limit: 1 })).incidents[0]?.number ?? 0;
    const { acknowledged } = await acknowledgeIncident(dependencies, clusterId, number);
    plane.clock.nowMs += minuteMs;
    expect((await acknowledgeIncident(dependencies, clusterId, number)).acknowledged).toEqual(acknowledged);
    const { entries } = await readAuditLog(dependencies, { customerId }, { limit: 50 });
    expect(entries.filter(({ subject }) => subject === `${clusterId}/incident/${number}`)).toHaveLength(1);
    await expect(acknowledgeIncident(dependencies, clusterId, 9_999)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("settings", () => {
  it("changed, they count at once: an incident of before escalates by the new time", async () => {
    const settings = { escalateAfterMinutes: null, silentAfterSeconds: 300 };
    await changeAlertSettings(dependencies, customerId, settings);
    expect(await readAlertSettings(dependencies, customerId)).toEqual(settings);
    plane.clock.nowMs += 25 * 60 * minuteMs;
    const halt = { kind: "group.safe-halt", group: "default", epoch: 1, reason: "no majority" } as const;
    const eventId = `${clusterId}/default/1/group.safe-halt`;
    await recordEvent(dependencies, { eventId, clusterId, reporter: beta, at: iso(), severity: "critical", detail: halt } as never);
    await dispatch();
    plane.clock.nowMs += minuteMs;
    await dispatch();
    plane.clock.nowMs += 20 * minuteMs;
    await dispatch();
    const newest = async () => (await listIncidents(dependencies, clusterId, { limit: 1 })).incidents[0];
    expect(await newest()).toMatchObject({ announced: 1, escalatedMs: null });
    await changeAlertSettings(dependencies, customerId, { ...settings, escalateAfterMinutes: 15 });
    expect(await newest()).toMatchObject({ announced: 2, escalatedMs: plane.clock.nowMs });
  });
});

describe("what became of an alert", () => {
  it("a subscriber that does not take it: a dead letter with the reason, which a redrive delivers; the history says so of each", async () => {
    let healthy = false;
    await using inbox = await HttpInbox.open((response, { headers }) => {
      const isNotification = headers["x-amz-sns-message-type"] === "Notification";
      response.writeHead(healthy || !isNotification ? 200 : 503).end();
    });
    await subscribeAlerts(dependencies, customerId, { protocol: "http", endpoint: inbox.url });
    await inbox.waitFor(1);
    await fetch(inbox.message(0)["SubscribeURL"] ?? "");
    await takeover();
    const dead = await vi.waitUntil(async () => (await listDeadLetters(dependencies, customerId))?.[0], { interval: 5 });
    expect(dead).toMatchObject({ level: "first", endpoint: inbox.url, attempts: 2, reason: "answered HTTP status 503" });
    const newest = async () => (await readAlertHistory(dependencies, clusterId, { limit: 1 })).alerts[0];
    expect(await newest()).toMatchObject({ messageId: dead?.messageId, deliveries: [{ state: "dead", attempts: 2 }] });

    healthy = true;
    const stranger = await newCluster(plane, 2);
    const other = (await plane.dependencies.stores.clusters.find(stranger))?.document.customerId ?? customerId;
    expect(await redriveDeadLetters(dependencies, other, null)).toBe(0);
    expect(await redriveDeadLetters(dependencies, customerId, dead?.deliveryId ?? 0)).toBe(1);
    await vi.waitUntil(async () => (await newest())?.deliveries?.[0]?.state === "delivered", { interval: 5 });
    expect(await listDeadLetters(dependencies, customerId)).toEqual([]);
  });

  it("a test message: the subscribers of its level have it, and the history of alerts does not", async () => {
    await using inbox = await HttpInbox.open();
    await subscribeAlerts(dependencies, customerId, { protocol: "http", endpoint: inbox.url, level: "escalation" });
    await inbox.waitFor(1);
    await fetch(inbox.message(0)["SubscribeURL"] ?? "");
    const { alertId, messageId } = await sendTestAlert(dependencies, clusterId, "escalation");
    await inbox.waitFor(2);
    expect(inbox.message(1)).toMatchObject({ MessageId: messageId, Subject: expect.stringMatching(/^TEST /) });
    expect(JSON.parse(inbox.message(1)["Message"] ?? "")).toMatchObject({ alertId, incident: null, kind: "alerts.test" });
    const { alerts } = await readAlertHistory(dependencies, clusterId, { limit: 50 });
    expect(alerts.map(({ message }) => message.body.alertId)).not.toContain(alertId);
  });
});
