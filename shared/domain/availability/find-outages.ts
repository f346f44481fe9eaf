import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterEvent, EventDetail } from "../monitoring/cluster-event.ts";
import type { Outage } from "./outage.ts";
import { silenceOf } from "./silence-of.ts";

/** One group's history, as its cluster's events tell it. */
export interface GroupHistory {
  readonly group: GroupName;
  /** The first time that somebody served it; null where the events know of none. */
  readonly servedSinceMs: number | null;
  /** In the order of their times, none within another. */
  readonly outages: readonly Outage[];
}

/** An event, and when it happened by its reporter's clock, milliseconds since 1970 UTC. */
export interface DatedEvent {
  readonly event: ClusterEvent;
  readonly atMs: number;
}

type Detail<Kind extends EventDetail["kind"]> = Extract<EventDetail, { readonly kind: Kind }>;
interface Begun {
  readonly fromMs: number;
  readonly length: "at-most" | "at-least";
  readonly events: readonly ClusterEvent[];
}

/** A site that has had contact with the cloud again for so long without a group's being taken has served it all the while. */
const takenAfterReturnMsMax = 15 * 60_000;

/** Goes through the events of one cluster, the oldest first. Pure: the same events give the same history, however often one of them is told. */
export function findOutages(dated: readonly DatedEvent[]): readonly GroupHistory[] {
  const groups = new Map<GroupName, GroupCourse>();
  const courseOf = (group: GroupName): GroupCourse => {
    const course = groups.get(group) ?? new GroupCourse(group);
    groups.set(group, course);
    return course;
  };
  for (const { event, atMs } of inOrder(dated)) {
    const { detail } = event;
    if (detail.kind === "group.takeover") courseOf(detail.group).taken(event, atMs, detail);
    if (detail.kind === "group.handover") courseOf(detail.group).handedOver(event, atMs, detail);
    if (detail.kind === "group.stepped-down" || detail.kind === "group.safe-halt") courseOf(detail.group).lost(event, atMs);
    for (const course of groups.values()) {
      if (detail.kind === "agent.stopping") course.agentLeft(event, atMs, "at-most");
      if (detail.kind === "agent.started") course.agentLeft(event, atMs, "at-least");
      if (detail.kind === "site.silent") course.siteFellSilent(event, atMs, detail);
      if (detail.kind === "site.returned") course.siteReturned(atMs);
    }
  }
  return [...groups.values()].map((course) => course.history());
}

function inOrder(dated: readonly DatedEvent[]): readonly DatedEvent[] {
  const once = new Map(dated.map((one) => [one.event.eventId, one]));
  return [...once.values()].toSorted((one, other) => one.atMs - other.atMs || (one.event.eventId < other.event.eventId ? -1 : 1));
}

class GroupCourse {
  readonly #group: GroupName;
  readonly #outages: Outage[] = [];
  #servedSinceMs: number | null = null;
  #holder: NodeId | null = null;
  /** It is lost, and nobody has taken it yet. */
  #lost: Begun | null = null;
  /** Its holder may have ended then: it is an outage only where the group had no holder when it was taken next. */
  #perhapsLost: Begun | null = null;
  #perhapsLostUntilMs = Number.POSITIVE_INFINITY;

  constructor(group: GroupName) {
    this.#group = group;
  }

  taken(event: ClusterEvent, toMs: number, detail: Detail<"group.takeover">): void {
    const silence = silenceOf(detail);
    const begun = this.#lost ?? (detail.from === null ? this.#perhapsLostAt(toMs) : null);
    // The first holder of a group ends no outage: nothing was served before.
    if (this.#servedSinceMs !== null && (begun !== null || silence !== null)) {
      const silentFromMs = silence === null ? toMs : toMs - silence.ms;
      this.#add({
        fromMs: Math.min(silentFromMs, begun?.fromMs ?? toMs),
        toMs,
        isPlanned: false,
        length: begun?.length ?? (silence?.isMeasured === true ? "measured" : "at-most"),
        before: detail.from ?? this.#holder,
        after: event.reporter,
        events: [...(begun?.events ?? []), event],
      });
    }
    this.#serves(event, detail.from !== null && silence !== null ? toMs - silence.ms : toMs);
  }

  handedOver(event: ClusterEvent, toMs: number, { from, startedInMs }: Detail<"group.handover">): void {
    const fromMs = Math.min(toMs - Math.round(startedInMs), this.#lost?.fromMs ?? toMs);
    const events = [...(this.#lost?.events ?? []), event];
    const isPlanned = this.#lost === null;
    this.#add({ fromMs, toMs, isPlanned, length: "at-most", before: from, after: event.reporter, events });
    this.#serves(event, fromMs);
  }

  /** Told by whoever sees it: where it is lost already, only the first counts, and the others are kept as what was told. */
  lost(event: ClusterEvent, atMs: number): void {
    if (this.#servedSinceMs === null) return;
    this.#lost = { fromMs: this.#lost?.fromMs ?? atMs, length: "at-most", events: [...(this.#lost?.events ?? []), event] };
  }

  /** An agent that says that it stops, or one that has started and so was not there before. */
  agentLeft(event: ClusterEvent, atMs: number, length: Begun["length"]): void {
    if (event.reporter === this.#holder) this.#mayBeLost({ fromMs: atMs, length, events: [event] });
  }

  /** Where its nodes were without power, the group has no holder when it is taken next; where they only were without the cloud, it was served all the while. */
  siteFellSilent(event: ClusterEvent, atMs: number, { silentMs }: Detail<"site.silent">): void {
    this.#mayBeLost({ fromMs: atMs - silentMs, length: "at-most", events: [event] });
  }

  siteReturned(atMs: number): void {
    this.#perhapsLostUntilMs = atMs + takenAfterReturnMsMax;
  }

  history(): GroupHistory {
    const lost = this.#lost;
    const open: Outage[] =
      lost === null ? [] : [{ group: this.#group, ...lost, toMs: null, isPlanned: false, before: this.#holder, after: null }];
    return { group: this.#group, servedSinceMs: this.#servedSinceMs, outages: [...this.#outages, ...open] };
  }

  #serves(event: ClusterEvent, sinceMs: number): void {
    this.#servedSinceMs ??= sinceMs;
    this.#holder = event.reporter;
    this.#lost = null;
    this.#perhapsLost = null;
  }

  /** The first sign counts, and what is told after it belongs to it. */
  #mayBeLost(begun: Begun): void {
    if (this.#servedSinceMs === null || this.#perhapsLostAt(begun.fromMs) !== null) return;
    this.#perhapsLost = begun;
    this.#perhapsLostUntilMs = Number.POSITIVE_INFINITY;
  }

  #perhapsLostAt(ms: number): Begun | null {
    return ms <= this.#perhapsLostUntilMs ? this.#perhapsLost : null;
  }

  /** Clocks of several nodes may disagree: an outage begins no earlier than the last one ended. */
  #add(outage: Omit<Outage, "group">): void {
    const earliestMs = this.#outages.at(-1)?.toMs ?? Number.NEGATIVE_INFINITY;
    const fromMs = Math.min(Math.max(outage.fromMs, earliestMs), outage.toMs ?? Number.POSITIVE_INFINITY);
    this.#outages.push({ group: this.#group, ...outage, fromMs });
  }
}
