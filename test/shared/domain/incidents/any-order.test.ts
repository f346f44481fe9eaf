import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type IncidentBook, isTellable, severityOfIncident } from "../../../../shared/domain/incidents/incident.ts";
import type { ClusterEvent } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { eventAt, groupOf, newsOf, nodeOf, RuleAlone, returned, silent, siteSilent, takeover } from "./incident-events.ts";

const node = fc.integer({ min: 1, max: 8 });
const group = fc.integer({ min: 1, max: 3 });
const epoch = fc.integer({ min: 1, max: 3 });
/** Over half an hour: several incidents, some of which only a later event joins to one. */
const afterMs = fc.integer({ min: 0, max: 1_800_000 });

const event: fc.Arbitrary<ClusterEvent> = fc.oneof(
  fc.tuple(afterMs, node, node, group, epoch).map((parts) => takeover(...parts)),
  fc.tuple(afterMs, node, node).map((parts) => silent(...parts)),
  fc.tuple(afterMs, node, node).map((parts) => returned(...parts)),
  afterMs.map(siteSilent),
  fc
    .tuple(afterMs, node, group, epoch)
    .map(([at, by, of, number]) =>
      eventAt(at, nodeOf(by), { kind: "group.safe-halt", group: groupOf(of), epoch: number, reason: "alone" }),
    ),
  fc
    .tuple(afterMs, node, group)
    .map(([at, by, of]) => eventAt(at, nodeOf(by), { kind: "check.failed", group: groupOf(of), check: "sip", reason: "no answer" })),
  fc
    .tuple(afterMs, node, group)
    .map(([at, by, of]) => eventAt(at, nodeOf(by), { kind: "check.recovered", group: groupOf(of), check: "sip", failedMs: 1_000 })),
);
/** An event's id stands for one content, whoever repeats it. */
const events = fc.uniqueArray(event, { selector: ({ eventId }) => eventId, maxLength: 20 });
const shuffled = events.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list, ...list], { minLength: 3 * list.length })),
);

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
          for (const announcement of rule.told) expect(newsOf(announcement).length > 0 || announcement.phase === "closed").toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function causeKey({ detail, reporter }: ClusterEvent): readonly string[] {
  if (detail.kind === "group.safe-halt") return [`halt/${detail.group}`];
  if (detail.kind === "check.failed") return [`check/${detail.group}/${detail.check}/${reporter}`];
  return detail.kind === "site.silent" ? ["site"] : [];
}

function movedKey({ detail }: ClusterEvent): readonly string[] {
  return detail.kind === "group.takeover" ? [`moved/${detail.group}/${detail.epoch}`] : [];
}
