import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Announcement } from "../../../../shared/domain/incidents/announce.ts";
import { type Fact, type IncidentBook, isTellable, severityOfIncident } from "../../../../shared/domain/incidents/incident.ts";
import type { ClusterEvent } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { eventAt, groupOf, newsOf, nodeOf, RuleAlone, returned, silent, siteSilent, takeover } from "./incident-events.ts";

function halt(afterMs: number, by: number, group = 1, epoch = 1): ClusterEvent {
  return eventAt(afterMs, nodeOf(by), { kind: "group.safe-halt", group: groupOf(group), epoch, reason: "alone" });
}

function checkFailed(afterMs: number, by: number, group: number): ClusterEvent {
  return eventAt(afterMs, nodeOf(by), { kind: "check.failed", group: groupOf(group), check: "sip", reason: "no answer" });
}

function checkRecovered(afterMs: number, by: number, group: number): ClusterEvent {
  return eventAt(afterMs, nodeOf(by), { kind: "check.recovered", group: groupOf(group), check: "sip", failedMs: 1_000 });
}

const node = fc.integer({ min: 1, max: 8 });
const group = fc.integer({ min: 1, max: 3 });
const epoch = fc.integer({ min: 1, max: 3 });
/** Over half an hour or ten minutes: several incidents, some of which (of the latter: many) only a later event joins to one. */
const afterMs = fc.oneof(fc.integer({ min: 0, max: 1_800_000 }), fc.integer({ min: 0, max: 600_000 }));

const event: fc.Arbitrary<ClusterEvent> = fc.oneof(
  fc.tuple(afterMs, node, node, group, epoch).map((parts) => takeover(...parts)),
  fc.tuple(afterMs, node, node).map((parts) => silent(...parts)),
  fc.tuple(afterMs, node, node).map((parts) => returned(...parts)),
  afterMs.map(siteSilent),
  fc.tuple(afterMs, node, group, epoch).map((parts) => halt(...parts)),
  fc.tuple(afterMs, node, group).map((parts) => checkFailed(...parts)),
  fc.tuple(afterMs, node, group).map((parts) => checkRecovered(...parts)),
);
/** An event's id stands for one content, whoever repeats it. */
const events = fc.uniqueArray(event, { selector: ({ eventId }) => eventId, maxLength: 20 });
const shuffled = events.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list, ...list], { minLength: 3 * list.length })),
);

const isGoingOn = ({ lasts, endedAtMs }: Fact): boolean => lasts && endedAtMs === null;

/** The last that was told of it, or of one that it has swallowed, was an end, and now something goes on. */
function goesOnAgain(told: readonly Announcement[], { phase, incident }: Announcement, index: number): boolean {
  const numbers = [incident.number, ...incident.swallowed];
  const before = told.slice(0, index).filter((other) => numbers.includes(other.incident.number));
  return phase === "updated" && incident.facts.some(isGoingOn) && before.at(-1)?.phase === "closed";
}

/** What stands together, how heavy it is, and what of it goes on; not how the incidents are numbered. */
function essence({ incidents }: IncidentBook): readonly string[] {
  return incidents
    .map((incident) => {
      const facts = incident.facts.map(
        (fact) => `${fact.key} ${fact.times} ${fact.endedAtMs} ${fact.event.eventId} ${isTellable(fact, incident)}`,
      );
      return `${severityOfIncident(incident)}: ${facts.toSorted().join("; ")}`;
    })
    .toSorted();
}

describe("incidents, whatever the order", () => {
  it("the same events, shuffled and three times over: the same incidents", () => {
    fc.assert(
      fc.property(shuffled, ([list, mixed]) => {
        const [straight, other] = [new RuleAlone(), new RuleAlone()];
        straight.take(...list);
        other.take(...mixed);
        expect(essence(other.book)).toEqual(essence(straight.book));
      }),
      { numRuns: 300 },
    );
  });

  it("told between any two events: every cause once, and nothing without something new but an end", () => {
    fc.assert(
      fc.property(
        fc.tuple(shuffled, fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 60, maxLength: 60 })),
        ([[list, mixed], waits]) => {
          const rule = new RuleAlone();
          for (const [index, one] of mixed.entries()) {
            rule.take(one);
            rule.wait(waits[index % waits.length] ?? 0);
          }
          rule.wait(3_600_000);
          const told = rule.told.flatMap(newsOf);
          for (const key of new Set(list.flatMap(causeKey))) expect(told.filter((other) => other === key)).not.toEqual([]);
          for (const key of new Set(list.flatMap(movedKey))) expect(told.filter((other) => other === key)).toHaveLength(1);
          const tellsSomething = (announcement: Announcement, index: number) =>
            newsOf(announcement).length > 0 || announcement.phase === "closed" || goesOnAgain(rule.told, announcement, index);
          expect(rule.told.filter((announcement, index) => !tellsSomething(announcement, index))).toEqual([]);
          // Nobody takes for over what goes on.
          expect(rule.book.incidents.filter(({ isEndTold, facts }) => isEndTold && facts.some(isGoingOn))).toEqual([]);
          expect(toldAgain(rule.told)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Found by the property above (seed 550442498, and by chance), and shrunk. */
describe("two incidents that turn out to be one", () => {
  it("the later one was told, the earlier one not: what was told is not told again as new", () => {
    const rule = new RuleAlone();
    rule.take(siteSilent(152_000), takeover(0, 3, 8, 2, 2));
    const [opened] = rule.wait(2_000);
    rule.take(halt(65_000, 5, 2, 3));
    const [joined, ...more] = rule.wait(3_600_000);
    expect([opened, joined].map((one) => one && newsOf(one).toSorted())).toEqual([["moved/group-2/2"], ["halt/group-2", "site"]]);
    expect(joined?.incident).toMatchObject({ number: 1, swallowed: [2] });
    expect(more).toEqual([]);
  });

  it("the earlier one has been told less often: no number that told something of the other comes again", () => {
    const rule = new RuleAlone();
    rule.take(takeover(0, 2, 1, 1));
    rule.wait(10_000);
    rule.take(takeover(200_000, 2, 1, 2), takeover(200_000, 2, 1, 3));
    rule.wait(10_000);
    rule.take(halt(201_000, 5));
    rule.wait(30_000);
    rule.take(takeover(100_000, 2, 1, 1, 2));
    rule.wait(3_600_000);
    expect(rule.told.map(({ incident, number }) => `${incident.number}/${number}`)).toEqual(["1/1", "2/1", "2/2", "1/4"]);
    expect(rule.told.flatMap(newsOf)).toHaveLength(5);
  });

  it("the end of the one was told, the other only happened: nobody is told of the end again", () => {
    const rule = new RuleAlone();
    rule.take(takeover(209_000, 4, 5, 2, 3), halt(0, 1, 2, 3));
    expect(rule.wait(10_000).map(({ phase }) => phase)).toEqual(["opened", "closed"]);
    rule.take(halt(104_000, 8, 2, 1));
    expect(rule.wait(3_600_000)).toEqual([]);
    expect(rule.book.incidents.map(({ swallowed }) => swallowed)).toEqual([[2]]);
  });

  it("the end of the one was told, the other goes on: its end is told", () => {
    const rule = new RuleAlone();
    rule.take(halt(0, 1, 2), takeover(1_000, 4, 5, 2), checkFailed(210_000, 6, 1));
    expect(rule.wait(20_000).map(({ phase }) => phase)).toEqual(["closed", "opened"]);
    rule.take(silent(105_000, 2, 5));
    expect(rule.wait(60_000)).toEqual([]);
    rule.take(checkRecovered(211_000, 6, 1), returned(211_000, 2, 5));
    expect(rule.wait(3_600_000).map(({ phase }) => phase)).toEqual(["closed"]);
  });
});

/** What subscribers heard twice: the same event as new, or an end with nothing told since the last one. */
function toldAgain(told: readonly Announcement[]): readonly string[] {
  const heard = new Set<string>();
  return told.flatMap((announcement, index) => {
    const { incident, number, phase } = announcement;
    const fresh = incident.facts.filter(({ toldIn }) => toldIn === number).map(({ event: { eventId } }) => eventId);
    const twice = fresh.filter((eventId) => heard.has(eventId));
    for (const eventId of fresh) heard.add(eventId);
    const thread = [incident.number, ...incident.swallowed];
    const before = told.slice(0, index).findLast((other) => thread.includes(other.incident.number));
    const isEndAgain = fresh.length === 0 && phase === "closed" && before?.phase === "closed";
    return isEndAgain ? [...twice, `the end of ${incident.number}`] : twice;
  });
}

function causeKey({ detail, reporter }: ClusterEvent): readonly string[] {
  if (detail.kind === "group.safe-halt") return [`halt/${detail.group}`];
  if (detail.kind === "check.failed") return [`check/${detail.group}/${detail.check}/${reporter}`];
  return detail.kind === "site.silent" ? ["site"] : [];
}

function movedKey({ detail }: ClusterEvent): readonly string[] {
  return detail.kind === "group.takeover" ? [`moved/${detail.group}/${detail.epoch}`] : [];
}
