import { describe, expect, it } from "vitest";
import type { OutgoingAlert } from "../../functions/store/outgoing-alert-store.ts";
import type { Stores } from "../../functions/store/stores.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import { emptyBook, type Incident } from "../../shared/domain/incidents/incident.ts";
import { takeoverEvent } from "../functions/control-plane.ts";
import { sampleAlert } from "../functions/notify/sample-alert.ts";

/** What every adapter of the ports between an event and its subscribers must do. */
export function alertStoresContract(stores: () => Stores): void {
  describe("inbox of alerts", () => {
    it("an event is pending from its first addition until it is taken, and never again", async () => {
      const { alertInbox } = stores();
      const event = takeoverEvent(randomId("clus"), randomId("node"), randomId("node"), 1);
      const isDue = async () => (await alertInbox.due(9_000, 100)).some(({ eventId }) => eventId === event.eventId);
      expect(await alertInbox.add(event, 1_000)).toBe("added");
      expect(await alertInbox.add(event, 2_000)).toBe("known");
      expect(await alertInbox.isPending(event)).toBe(true);
      expect(await isDue()).toBe(true);
      await alertInbox.postpone(event, 9_001);
      expect(await isDue()).toBe(false);
      await alertInbox.postpone(event, 9_000);
      expect(await isDue()).toBe(true);
      await alertInbox.markTaken(event, 3_000);
      await alertInbox.postpone(event, 5_000);
      await alertInbox.markTaken(event, 3_000);
      expect(await alertInbox.isPending(event)).toBe(false);
      expect(await alertInbox.add(event, 4_000)).toBe("known");
      expect(await isDue()).toBe(false);
    });
  });

  describe("outgoing alerts", () => {
    it("one is pending until it is sent, and stays in the history with its failures", async () => {
      const { outgoingAlerts } = stores();
      const alert = alertOf(randomId("clus"), 1);
      const own = async (nowMs: number) => (await outgoingAlerts.due(nowMs, 100)).filter(({ clusterId }) => clusterId === alert.clusterId);
      expect(await outgoingAlerts.add(alert)).toBe("added");
      expect(await outgoingAlerts.add(alert)).toBe("known");
      await outgoingAlerts.postpone(alert, { dueMs: 5_000, reason: "SNS is away" });
      expect(await own(4_999)).toEqual([]);
      const waiting = { ...alert, attempts: 1, dueMs: 5_000, lastFailure: "SNS is away", sentMs: null, messageId: null };
      expect(await own(5_000)).toEqual([waiting]);
      await outgoingAlerts.markSent(alert, { nowMs: 6_000, messageId: "m" });
      await outgoingAlerts.markSent(alert, { nowMs: 7_000, messageId: "other" });
      await outgoingAlerts.postpone(alert, { dueMs: 8_000, reason: "late" });
      await outgoingAlerts.wait(alert, 8_000);
      expect(await own(9_000)).toEqual([]);
      expect(await outgoingAlerts.history(alert.clusterId, { limit: 10 })).toEqual([
        { ...waiting, dueMs: null, sentMs: 6_000, messageId: "m" },
      ]);
    });

    it("a later one waits for the earlier one of its level, and for no other", async () => {
      const { outgoingAlerts } = stores();
      const clusterId = randomId("clus");
      const [first, second, escalated] = [alertOf(clusterId, 1), alertOf(clusterId, 2), alertOf(clusterId, 3, "escalation")];
      for (const alert of [first, second, escalated]) await outgoingAlerts.add(alert);
      expect(await Promise.all([first, second, escalated].map((alert) => outgoingAlerts.standing(alert)))).toEqual([
        "pending",
        "behind",
        "pending",
      ]);
      await outgoingAlerts.markSent(first, { nowMs: 6_000, messageId: "m" });
      expect(await Promise.all([first, second].map((alert) => outgoingAlerts.standing(alert)))).toEqual(["sent", "pending"]);
      const newest = await outgoingAlerts.history(clusterId, { limit: 1 });
      expect(newest.map(({ number }) => number)).toEqual([3]);
      const before = "000000007#000003#escalation";
      expect((await outgoingAlerts.history(clusterId, { limit: 9, before })).map(({ number }) => number)).toEqual([2, 1]);
    });
  });

  describe("incidents", () => {
    it("of two who change one version, one is overtaken; what is due is listed until it is not", async () => {
      const { incidents } = stores();
      const clusterId = randomId("clus");
      const isDue = async (nowMs: number) => (await incidents.due(nowMs, 100)).includes(clusterId);
      const stored = await incidents.find(clusterId);
      expect(stored).toEqual({ book: emptyBook(clusterId), outgoing: [], dueMs: null, version: 0 });
      const next = { ...stored, dueMs: 5_000, version: 1 };
      expect(await incidents.save(next)).toBe("saved");
      expect(await incidents.save(next)).toBe("overtaken");
      expect([await isDue(4_999), await isDue(5_000)]).toEqual([false, true]);
      expect(await incidents.find(clusterId)).toEqual(next);
      expect(await incidents.save({ ...next, dueMs: null, version: 2 })).toBe("saved");
      expect(await incidents.save({ ...next, version: 2 })).toBe("overtaken");
      expect(await isDue(9_000)).toBe(false);
    });

    it("archived ones are found newest first", async () => {
      const { incidents } = stores();
      const clusterId = randomId("clus");
      const numbered = [9, 10, 11].map((number) => ({ number, family: "site", facts: [] }) as unknown as Incident);
      for (const incident of [...numbered, ...numbered]) await incidents.archive(clusterId, incident);
      expect((await incidents.archived(clusterId, { limit: 2 })).map(({ number }) => number)).toEqual([11, 10]);
      expect((await incidents.archived(clusterId, { limit: 2, before: 10 })).map(({ number }) => number)).toEqual([9]);
    });
  });

  describe("alert settings", () => {
    it("the default until they are set; windows come and go by their id", async () => {
      const { alertSettings } = stores();
      const customerId = randomId("cust");
      expect(await alertSettings.find(customerId)).toEqual({ escalateAfterMinutes: 15, silentAfterSeconds: 90 });
      await alertSettings.put(customerId, { escalateAfterMinutes: null, silentAfterSeconds: 60 });
      expect(await alertSettings.find(customerId)).toEqual({ escalateAfterMinutes: null, silentAfterSeconds: 60 });
      const window = { windowId: "one", clusterId: null, startsMs: 1, endsMs: 2, reason: "new switch", createdBy: "somebody" };
      await alertSettings.putWindow(customerId, window);
      expect(await alertSettings.windows(customerId)).toEqual([window]);
      await alertSettings.removeWindow(customerId, "one");
      await alertSettings.removeWindow(customerId, "one");
      expect(await alertSettings.windows(customerId)).toEqual([]);
    });
  });

  describe("silent nodes", () => {
    it("one without a connection is to be judged, until it was; a note about an earlier presence changes nothing", async () => {
      const { presence } = stores();
      const node = { clusterId: randomId("clus"), nodeId: randomId("node"), since: "2026-01-01T00:00:00.000Z" };
      const sinceMs = Date.parse(node.since);
      const isToJudge = async (nowMs: number) => (await presence.toJudge(nowMs, 100)).some(({ nodeId }) => nodeId === node.nodeId);
      const silent = { ...node, connected: false, sequence: 3 };
      await presence.put(silent);
      expect([await isToJudge(sinceMs - 1), await isToJudge(sinceMs)]).toEqual([false, true]);
      await presence.judged(silent, { told: { what: "node", sequence: 3 }, againMs: null });
      expect(await isToJudge(sinceMs)).toBe(false);
      expect(await presence.find(node.clusterId, node.nodeId)).toEqual({ ...silent, told: { what: "node", sequence: 3 } });
      const back = { ...node, connected: true, sequence: 4 };
      await presence.put(back);
      await presence.judged(silent, { told: { what: "site", sequence: 3 }, againMs: 1 });
      expect(await presence.find(node.clusterId, node.nodeId)).toEqual(back);
      expect(await isToJudge(sinceMs)).toBe(false);
    });
  });
}

function alertOf(clusterId: ClusterId, number: number, level: OutgoingAlert["level"] = "first"): OutgoingAlert {
  return { customerId: randomId("cust"), clusterId, incident: 7, number, level, message: sampleAlert(), announcedMs: 1_000 };
}
