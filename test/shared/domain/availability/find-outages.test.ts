import { describe, expect, it } from "vitest";
import {
  availabilityOf,
  availabilityOfEnded,
  percentServed,
  shareServed,
  together,
} from "../../../../shared/domain/availability/availability.ts";
import { findOutages } from "../../../../shared/domain/availability/find-outages.ts";
import type { ClusterId, EventId, GroupName, NodeId } from "../../../../shared/domain/ids.ts";
import type { ClusterEvent, EventDetail } from "../../../../shared/domain/monitoring/cluster-event.ts";
import type { TakeoverCourse } from "../../../../shared/domain/monitoring/takeover-course.ts";

const [north, south] = ["node_north" as NodeId, "node_south" as NodeId];
const group = "default" as GroupName;
const startMs = Date.UTC(2026, 10, 1);
let epoch = 0;

/** At so many seconds after the month's beginning. */
function told(atS: number, reporter: NodeId, detail: EventDetail): ClusterEvent {
  const at = new Date(startMs + atS * 1_000).toISOString();
  return {
    eventId: `${reporter}/${atS}/${detail.kind}` as EventId,
    clusterId: "clus_a" as ClusterId,
    reporter,
    at,
    severity: "info",
    detail,
  };
}

function taken(atS: number, reporter: NodeId, more: Partial<Extract<EventDetail, { kind: "group.takeover" }>> = {}): ClusterEvent {
  epoch += 1;
  const votes = { votes: 2, voters: 3, behind: 0, startedInMs: 100 };
  const from = { from: null, silentMs: null, released: null };
  return told(atS, reporter, { kind: "group.takeover", group, epoch, ...votes, ...from, ...more });
}

const handedOver = (atS: number, reporter: NodeId, from: NodeId): ClusterEvent =>
  told(atS, reporter, { kind: "group.handover", group, epoch: 9, from, reason: "an operator", votes: 2, voters: 3, startedInMs: 40 });
const stopping = (atS: number, reporter: NodeId): ClusterEvent => told(atS, reporter, { kind: "agent.stopping", reason: "SIGTERM" });
const halted = (atS: number, reporter: NodeId): ClusterEvent =>
  told(atS, reporter, { kind: "group.safe-halt", group, epoch: 1, reason: "no majority" });

const course = (over: Partial<TakeoverCourse>): TakeoverCourse => ({
  heardBeforeMs: 700,
  silentBeforeMs: 300,
  paths: [],
  heardByOthers: [],
  freeBeforeMs: 200,
  askedBeforeMs: 150,
  addressesQuietForMs: null,
  addresses: [],
  ...over,
});
const address = (name: string, answeredBeforeMs?: number): TakeoverCourse["addresses"][number] => ({
  address: name,
  probedBeforeMs: 40,
  probeEndedBeforeMs: 20,
  answeredBy: null,
  upBeforeMs: 10,
  ...(answeredBeforeMs === undefined ? {} : { sighting: { answeredBeforeMs, unansweredBeforeMs: answeredBeforeMs - 20 } }),
});

const historiesOf = (events: readonly ClusterEvent[]) => findOutages(events.map((event) => ({ event, atMs: Date.parse(event.at) })));

/** Each outage as seconds after the month's beginning, and what it is. */
function outagesIn(...events: ClusterEvent[]): readonly (readonly unknown[])[] {
  const [history] = historiesOf(events);
  return (history?.outages ?? []).map(({ fromMs, toMs, isPlanned, length, before, after }) => [
    (fromMs - startMs) / 1_000,
    toMs === null ? null : (toMs - startMs) / 1_000,
    isPlanned ? "planned" : length,
    before,
    after,
  ]);
}

describe("outages of a group, by its cluster's events", () => {
  it("the first holder ends none: nobody was served before", () => {
    expect(historiesOf([taken(10, north)])).toEqual([{ group, servedSinceMs: startMs + 10_000, outages: [] }]);
    expect(
      outagesIn(told(1, north, { kind: "agent.started", incarnation: 1, agentVersion: "1" }), halted(5, north), taken(10, north)),
    ).toEqual([]);
  });

  it("a takeover: from the old holder's last word, or by what the new one's own questions found, the address that was silent for longest", () => {
    const lost = { from: north, silentMs: 400.3, startedInMs: 99.6 };
    expect(outagesIn(taken(0, north), taken(100, south, lost))).toEqual([[99.5, 100, "at-most", north, south]]);
    expect(outagesIn(taken(0, north), taken(100, south, { ...lost, course: course({}) }))).toEqual([[99.3, 100, "at-most", north, south]]);
    const addresses = [address("10.0.0.1", 510), address("10.0.0.2", 660), address("10.0.0.3")];
    expect(outagesIn(taken(0, north), taken(100, south, { ...lost, course: course({ addresses }) }))).toEqual([
      [99.35, 100, "measured", north, south],
    ]);
  });

  it("a holder that gave the group back was heard to the end: from when the group was free", () => {
    const released = { from: north, silentMs: null, released: "its service failed" };
    expect(outagesIn(taken(0, north), taken(100, south, released))).toEqual([[99.9, 100, "at-most", north, south]]);
    const steppedDown = told(97, north, { kind: "group.stepped-down", group, epoch: 1, reason: "its service failed" });
    const heard = { ...released, course: course({ silentBeforeMs: null }) };
    expect(outagesIn(taken(0, north), steppedDown, taken(100, south, heard))).toEqual([[97, 100, "at-most", north, south]]);
  });

  it("a handover is planned, unless the group was lost before it", () => {
    expect(outagesIn(taken(0, north), handedOver(100, south, north))).toEqual([[99.96, 100, "planned", north, south]]);
    expect(outagesIn(taken(0, north), halted(90, north), handedOver(100, south, north))).toEqual([[90, 100, "at-most", north, south]]);
  });

  it("a halt lasts until somebody takes the group, and is one however many tell of it", () => {
    expect(outagesIn(taken(0, north), halted(50, north), halted(51, south))).toEqual([[50, null, "at-most", north, null]]);
    expect(outagesIn(taken(0, north), halted(51, south), halted(50, north), taken(80, north))).toEqual([[50, 80, "at-most", north, north]]);
  });

  it("a site without power: from when the cloud lost it; one that was cut off from the cloud alone was served all the while", () => {
    const silent = told(160, north, { kind: "site.silent", nodes: 2, silentMs: 60_000 });
    const returned = told(400, north, { kind: "site.returned", awayMs: 300_000 });
    expect(outagesIn(taken(0, north), silent, returned, taken(410, south))).toEqual([[100, 410, "at-most", north, south]]);
    expect(outagesIn(taken(0, north), silent, returned)).toEqual([]);
    const started = told(9_000, north, { kind: "agent.started", incarnation: 2, agentVersion: "1" });
    expect(outagesIn(taken(0, north), silent, returned, started, taken(9_010, north))).toEqual([[9_000, 9_010, "at-least", north, north]]);
  });

  it("agents that were stopped, and started again: from the word of the holder's", () => {
    expect(outagesIn(taken(0, north), stopping(48, south), stopping(50, north), taken(80, south))).toEqual([
      [50, 80, "at-most", north, south],
    ]);
  });

  it("the order in which events arrive, and how often, changes nothing; clocks that disagree make no outage begin before another ends", () => {
    const events = [
      taken(0, north),
      taken(100, south, { from: north, silentMs: 400 }),
      taken(100.2, north, { from: south, silentMs: 5_000 }),
    ];
    const outages = outagesIn(...events);
    expect(outages).toEqual([
      [99.5, 100, "at-most", north, south],
      [100, 100.2, "at-most", south, north],
    ]);
    expect(outagesIn(...events.toReversed(), ...events)).toEqual(outages);
  });
});

describe("availability of a month", () => {
  const november = { fromMs: startMs, toMs: Date.UTC(2026, 11, 1) };
  const nowMs = startMs + 1_000_000;

  it("counts from when the group was served first, up to now; planned ones by themselves", () => {
    const [history] = historiesOf([taken(0, north), halted(100, north), taken(160, south), handedOver(500, north, south)]);
    if (history === undefined) throw new Error("no history");
    const figures = availabilityOf(history, november, nowMs);
    expect(figures).toMatchObject({ observedMs: 1_000_000, unplannedMs: 60_000, plannedMs: 40, unplannedOutages: 1, plannedOutages: 1 });
    expect(shareServed(figures, "left-out")).toBeCloseTo(0.94, 10);
    expect(shareServed(figures, "counted")).toBeCloseTo(0.93996, 10);
    expect(together([figures, figures])).toEqual({
      observedMs: 2_000_000,
      unplannedMs: 120_000,
      plannedMs: 80,
      unplannedOutages: 2,
      plannedOutages: 2,
    });
  });

  it("an outage over the month's end counts in each for its part, and one that goes on up to now", () => {
    const [history] = historiesOf([taken(0, north), halted(-1, north), halted(100, north)]);
    if (history === undefined) throw new Error("no history");
    expect(availabilityOf(history, november, nowMs)).toMatchObject({ unplannedMs: 900_000, unplannedOutages: 1 });
    const october = { fromMs: startMs - 1_000, toMs: startMs };
    expect(availabilityOf(history, october, nowMs)).toMatchObject({ observedMs: 0, unplannedMs: 0, unplannedOutages: 0 });
    const later = { fromMs: startMs + 500_000, toMs: startMs + 600_000 };
    expect(availabilityOf(history, later, nowMs)).toMatchObject({ observedMs: 100_000, unplannedMs: 100_000, unplannedOutages: 1 });
  });

  it("each outage has its cause, by what told of it first, and counts as much as the month has of it", () => {
    const events = [
      taken(0, north),
      taken(10, south, { from: north, silentMs: 400 }),
      halted(20, south),
      taken(25, north),
      told(40, north, { kind: "group.stepped-down", group, epoch: 9, reason: "its service failed" }),
      taken(43, south),
      stopping(50, south),
      taken(52, north),
      handedOver(60, south, north),
      halted(990, south),
    ];
    const [history] = historiesOf(events);
    if (history === undefined) throw new Error("no history");
    expect(availabilityOf(history, november, nowMs).causes).toEqual([
      { cause: "no-majority", outages: 2, lostMs: 15_000, longestMs: 10_000 },
      { cause: "stepped-down", outages: 1, lostMs: 3_000, longestMs: 3_000 },
      { cause: "agent-stopped", outages: 1, lostMs: 2_000, longestMs: 2_000 },
      { cause: "node-silent", outages: 1, lostMs: 500, longestMs: 500 },
      { cause: "wanted", outages: 1, lostMs: 40, longestMs: 40 },
    ]);
  });

  it("of a group that was taken away: it was served until its holder gave it up, and nothing goes on", () => {
    const [history] = historiesOf([
      taken(0, north),
      told(100, north, { kind: "group.stepped-down", group, epoch: 9, reason: "no longer listed" }),
    ]);
    if (history === undefined) throw new Error("no history");
    expect(availabilityOfEnded(history, november, nowMs)).toMatchObject({
      observedMs: 100_000,
      unplannedOutages: 0,
      outages: [],
      causes: [],
    });
    const [served] = historiesOf([taken(0, north), halted(100, north), taken(160, south)]);
    if (served === undefined) throw new Error("no history");
    expect(availabilityOfEnded(served, november, nowMs)).toEqual(availabilityOf(served, november, nowMs));
  });

  it("is no data where nobody was ever served, and never rounded up to all of it", () => {
    const history = { group, servedSinceMs: null, outages: [] };
    expect(shareServed(availabilityOf(history, november, nowMs), "counted")).toBeNull();
    expect([null, 1, 0.999_999_9, 0.5].map(percentServed)).toEqual(["no data", "100.000 %", "99.999 %", "50.000 %"]);
  });
});
