import { describe, expect, it } from "vitest";
import { controlPlaneId } from "../../../../shared/domain/ids.ts";
import { incidentLimits } from "../../../../shared/domain/incidents/incident.ts";
import type { MaintenanceWindow } from "../../../../shared/domain/incidents/maintenance-window.ts";
import { eventAt, groupOf, newsOf, nodeOf, RuleAlone, returned, silent, siteSilent, startMs, takeover } from "./incident-events.ts";

const hour = 3_600_000;
const peers = [2, 3, 4, 5, 6, 7, 8];
const halt = (afterMs: number, epoch = 1) =>
  eventAt(afterMs, nodeOf(2), { kind: "group.safe-halt", group: groupOf(1), epoch, reason: "no majority" });

const fired = (afterMs: number, by: number, occurrence: string) => {
  const about = { group: groupOf(1), trigger: "bell", occurrence, action: "say", dueAt: "2026-03-04T05:06:00.000Z", text: "ring" };
  const event = eventAt(afterMs, nodeOf(by), { kind: "trigger.fired", ...about });
  return { ...event, eventId: `${occurrence}/say` as typeof event.eventId };
};

describe("one cause, one alert", () => {
  it("a failover of eight nodes with three groups: one alert, and one when the node is back", () => {
    const rule = new RuleAlone();
    rule.take(...peers.map((by) => silent(by, by, 1)), takeover(300, 2, 1, 1), takeover(400, 3, 1, 2), takeover(450, 4, 1, 3));
    const told = rule.wait(hour);
    expect(told.map(({ phase, severity }) => [phase, severity])).toEqual([["opened", "critical"]]);
    expect(told.slice(0, 1).flatMap(newsOf)).toEqual(["moved/group-1/1", "moved/group-2/1", "moved/group-3/1"]);
    rule.take(...peers.map((by) => returned(hour + by, by, 1)));
    expect(rule.wait(hour).map(({ phase }) => phase)).toEqual(["closed"]);
    expect(rule.wait(48 * hour)).toEqual([]);
    expect(rule.book.incidents).toEqual([]);
  });

  it("the cluster has one group: its takeover waits for nothing", () => {
    const rule = new RuleAlone({ groups: 1 });
    rule.take(takeover(0, 2, 1));
    expect(rule.wait(0).map(({ phase }) => phase)).toEqual(["opened"]);
  });

  it("a service fails, and its group moves a second later: one alert, which tells both", () => {
    const rule = new RuleAlone();
    rule.take(eventAt(0, nodeOf(1), { kind: "service.failed", group: groupOf(1), service: "pbx", reason: "exit code 1" }));
    expect(rule.wait(1_000)).toEqual([]);
    rule.take(takeover(900, 2, 1));
    const told = rule.wait(hour);
    expect(told).toHaveLength(1);
    expect(told.slice(0, 1).flatMap(newsOf)).toHaveLength(2);
  });

  it("two clocks differ, a majority names one of them, and it is set right: one alert, and its end", () => {
    const rule = new RuleAlone();
    const skewed = { kind: "clock.skewed", node: nodeOf(2), aheadMs: hour, uncertaintyMs: 1, limitMs: 15_000 } as const;
    rule.take(eventAt(0, nodeOf(1), { ...skewed, than: nodeOf(1) }), eventAt(5_000, nodeOf(1), { ...skewed, than: null }));
    expect(rule.wait(hour).map(({ phase }) => phase)).toEqual(["opened"]);
    rule.take(eventAt(hour, nodeOf(1), { kind: "clock.aligned", node: nodeOf(2), than: null, skewedMs: hour }));
    expect(rule.wait(hour).map(({ phase }) => phase)).toEqual(["closed"]);
  });

  it("two nodes keep a log for one that is away, and it fills up: one alert, and its end when that one has caught up", () => {
    const rule = new RuleAlone();
    const filling = { kind: "replication.log-filling", dataSet: "calls", node: nodeOf(1), usedPercent: 80, of: "days" } as const;
    rule.take(eventAt(0, nodeOf(2), filling), eventAt(5_000, nodeOf(3), filling));
    expect(rule.wait(hour).map(({ phase }) => phase)).toEqual(["opened"]);
    rule.take(eventAt(hour, nodeOf(1), { kind: "replication.caught-up", dataSet: "calls", changes: 9, durationMs: 10 }));
    expect(rule.wait(hour).map(({ phase }) => phase)).toEqual(["closed"]);
  });

  it("another group moves a minute later: told as an update of the same incident", () => {
    const rule = new RuleAlone();
    rule.take(takeover(0, 2, 1, 1));
    rule.wait(60_000);
    rule.take(takeover(60_000, 2, 1, 2));
    expect(rule.wait(hour).map(({ phase, incident }) => [phase, incident.number])).toEqual([["updated", 1]]);
  });

  it("it moves every half a minute for an hour: told more and more rarely, and every move once", () => {
    const rule = new RuleAlone();
    for (let epoch = 1; epoch <= 20; epoch += 1) {
      rule.take(takeover(epoch * 30_000, 2, 1, 1, epoch));
      rule.wait(30_000);
    }
    rule.wait(hour);
    expect(rule.told.length).toBeLessThan(8);
    expect(rule.told.flatMap(newsOf)).toHaveLength(20);
  });
});

describe("site-down against node-down", () => {
  it.each([
    ["before", [...peers.map((node) => silent(node, 1, node)), siteSilent(90_000)]],
    ["after", [siteSilent(90_000), ...peers.map((node) => silent(node, 1, node))]],
  ])("the site is silent, its nodes were reported %s: one alert, of the site", (_order, events) => {
    const rule = new RuleAlone();
    rule.take(...events);
    const told = rule.wait(hour);
    expect(told.map(({ phase, severity }) => [phase, severity])).toEqual([["opened", "critical"]]);
    expect(told.slice(0, 1).flatMap(newsOf)).toEqual(["site"]);
  });

  it("a standby dies: one warning after half a minute, whoever reports it", () => {
    const rule = new RuleAlone();
    rule.take(silent(0, 2, 5), silent(3, 3, 5), silent(90_000, 4, 5));
    expect(rule.wait(29_000)).toEqual([]);
    expect(rule.wait(hour).map(({ severity }) => severity)).toEqual(["warning"]);
    expect(rule.book.incidents[0]?.facts[0]?.times).toBe(3);
  });

  it("a standby restarts within half a minute: nobody is told, in whatever order that comes", () => {
    for (const events of [
      [silent(0, 2, 5), returned(20_000, 2, 5)],
      [returned(20_000, 2, 5), silent(0, 2, 5)],
    ]) {
      const rule = new RuleAlone();
      rule.take(...events);
      expect(rule.wait(hour)).toEqual([]);
    }
  });

  it("two nodes die at once, one of them held a group: the other's loss is told too", () => {
    const rule = new RuleAlone();
    rule.take(silent(0, 2, 1), silent(0, 2, 5), takeover(300, 2, 1));
    expect(rule.wait(hour).flatMap(newsOf).toSorted()).toEqual(["moved/group-1/1", `silent/${nodeOf(5)}`]);
  });
});

const windowOf = (startsMs: number, endsMs: number): MaintenanceWindow => ({
  windowId: "one",
  clusterId: null,
  startsMs: startMs + startsMs,
  endsMs: startMs + endsMs,
  reason: "new switch",
  createdBy: "somebody",
});

describe("maintenance holds, and loses nothing", () => {
  it("what goes on at the end of the window is told then, once", () => {
    const rule = new RuleAlone({ windows: [windowOf(0, hour), windowOf(hour, 2 * hour)] });
    rule.take(takeover(1_000, 2, 1), silent(1_000, 2, 1));
    expect(rule.wait(2 * hour - 1)).toEqual([]);
    expect(rule.wait(1).map(({ phase }) => phase)).toEqual(["opened"]);
    expect(rule.wait(hour)).toEqual([]);
  });

  it("what is over by then is told in one message that says so", () => {
    const rule = new RuleAlone({ windows: [windowOf(0, hour)] });
    rule.take(takeover(1_000, 2, 1), silent(1_000, 2, 1), returned(60_000, 2, 1));
    expect(rule.wait(2 * hour).map(({ phase }) => phase)).toEqual(["closed"]);
  });

  it("what happens before it, or in another cluster's window, is told at once", () => {
    const elsewhere = { ...windowOf(0, hour), clusterId: "clus_00000000000000000002" as never };
    const rule = new RuleAlone({ windows: [windowOf(2_000, hour), elsewhere] });
    rule.take(takeover(1_000, 2, 1));
    expect(rule.wait(5_000)).toHaveLength(1);
  });
});

describe("escalation", () => {
  it("a critical incident that goes on and that nobody acknowledges: to the second topic, once; its end to both", () => {
    const rule = new RuleAlone({ escalateAfterMs: 900_000 });
    rule.take(halt(0));
    rule.wait(hour);
    rule.take(takeover(hour, 2, 1));
    rule.wait(hour);
    expect(rule.told.map(({ incident, phase, levels }) => [incident.number, phase, levels])).toEqual([
      [1, "opened", ["first"]],
      [1, "escalated", ["escalation"]],
      [2, "opened", ["first"]],
      [1, "closed", ["first", "escalation"]],
    ]);
  });

  it("acknowledged: it stays with the first", () => {
    const rule = new RuleAlone({ escalateAfterMs: 900_000 });
    rule.take(halt(0));
    rule.wait(60_000);
    const acknowledged = { by: "somebody", atMs: rule.nowMs };
    rule.book = { ...rule.book, incidents: rule.book.incidents.map((incident) => ({ ...incident, acknowledged })) };
    expect(rule.wait(hour)).toEqual([]);
  });

  it("a halt begins again a minute after its end was told: told anew, once, and then escalated", () => {
    const rule = new RuleAlone({ escalateAfterMs: 900_000 });
    rule.take(halt(0), takeover(5_000, 2, 1));
    expect(rule.wait(60_000).map(({ phase }) => phase)).toEqual(["closed"]);
    rule.take(halt(60_000, 2));
    expect(rule.wait(hour).map(({ phase, levels }) => [phase, levels])).toEqual([
      ["updated", ["first"]],
      ["escalated", ["escalation"]],
    ]);
    rule.take(takeover(2 * hour, 2, 1, 1, 3));
    expect(
      rule
        .wait(hour)
        .filter(({ incident }) => incident.number === 1)
        .map(({ phase }) => phase),
    ).toEqual(["closed"]);
  });

  it("it was to be escalated long ago when it begins again: the first topic hears of it first", () => {
    const rule = new RuleAlone({ escalateAfterMs: 30_000 });
    rule.take(halt(0), takeover(5_000, 2, 1));
    rule.wait(60_000);
    rule.take(halt(60_000, 2));
    rule.wait(hour);
    expect(rule.told.map(({ phase, levels }) => [phase, levels])).toEqual([
      ["closed", ["first"]],
      ["updated", ["first"]],
      ["escalated", ["escalation"]],
    ]);
  });

  it("it begins again and ends again, for an hour: it is told more and more rarely, and its end in the end", () => {
    const rule = new RuleAlone();
    for (let times = 0; times < 60; times += 1) {
      rule.take(silent(times * 60_000, 2, 1));
      rule.wait(40_000);
      rule.take(returned(times * 60_000 + 40_000, 2, 1));
      rule.wait(20_000);
    }
    rule.wait(hour);
    expect(rule.told.length).toBeLessThan(15);
    expect(rule.told.at(-1)?.phase).toBe("closed");
  });

  it("a failover that worked is over by itself: nobody is woken for it, even where nobody looked for an hour", () => {
    const rule = new RuleAlone({ escalateAfterMs: 900_000 });
    rule.take(takeover(0, 2, 1));
    expect(rule.wait(5_000)).toHaveLength(1);
    rule.nowMs += hour;
    expect(rule.wait(0)).toEqual([]);
  });
});

describe("bounds", () => {
  it("more facts than an incident holds: the next one takes them, and each is told", () => {
    const rule = new RuleAlone();
    const count = incidentLimits.factsPerIncidentMax + 5;
    for (let epoch = 1; epoch <= count; epoch += 1) rule.take(takeover(epoch, 2, 1, 1, epoch));
    rule.wait(hour);
    expect(new Set(rule.told.flatMap(newsOf)).size).toBe(count);
    expect(rule.book.incidents).toHaveLength(2);
  });

  it("more incidents than the book holds: all but the newest are told in spite of a window, and what is told leaves it", () => {
    const windows = [{ windowId: "w", clusterId: null, startsMs: startMs, endsMs: startMs + 1_000 * hour, reason: "", createdBy: "" }];
    const rule = new RuleAlone({ windows });
    for (let day = 0; day < 3 * incidentLimits.incidentsMax; day += 1) {
      rule.take(halt(day * hour, day));
      rule.wait(hour);
    }
    expect(rule.told.filter(({ phase }) => phase === "opened")).toHaveLength(3 * incidentLimits.incidentsMax - 1);
    expect(rule.book.incidents.length).toBeLessThanOrEqual(incidentLimits.incidentsMax);
  });

  it("messages of triggers: each at once and by itself, also beside a failover; told twice by two nodes, once", () => {
    const rule = new RuleAlone();
    rule.take(takeover(0, 2, 1), fired(100, 2, "bell/1"), fired(100, 3, "bell/1"), fired(60_000, 2, "bell/2"));
    expect(rule.wait(2_000).filter(({ incident }) => incident.family === "message")).toHaveLength(2);
    expect(rule.wait(hour)).toEqual([]);
    expect(rule.told).toHaveLength(3);
  });

  it("licences are a matter of their own", () => {
    const rule = new RuleAlone();
    rule.take(
      takeover(0, 2, 1),
      eventAt(0, controlPlaneId, { kind: "licence.lapsed", trial: false, lapsedAt: "2026-03-04T00:00:00.000Z" }),
    );
    expect(rule.wait(hour)).toHaveLength(2);
  });
});
