import type { ClusterEvent, EventDetail } from "../monitoring/cluster-event.ts";
import { isLicenceEvent } from "../monitoring/licence-event.ts";
import { meaningOf, type OpeningMeaning } from "./event-meaning.ts";
import { type Fact, type Incident, type IncidentBook, type IncidentFamily, incidentLimits } from "./incident.ts";

export interface Arrival {
  readonly event: ClusterEvent;
  /** The event's own time, in milliseconds since 1970. */
  readonly atMs: number;
  readonly arrivedMs: number;
}

/**
 * Puts an event into the book. In whatever order the same events come, and however often, the same facts stand together in the same number of incidents,
 * and the same are over; only the incidents' numbers say which came first (test/shared/domain/incidents).
 */
export function gather(book: IncidentBook, arrival: Arrival): IncidentBook {
  const { event } = arrival;
  if (book.taken.includes(event.eventId)) return book;
  const { opens, ends } = meaningOf(event);
  const taken = [...book.taken, event.eventId].slice(-incidentLimits.takenMax);
  const noted = ends.reduce<IncidentBook>((so, key) => endNoted(so, key, arrival), { ...book, taken });
  return opens === null ? noted : opened(noted, opens, arrival);
}

function endNoted(book: IncidentBook, key: string, { atMs, arrivedMs }: Arrival): IncidentBook {
  if (book.ends.some((end) => end.key === key && end.atMs === atMs)) return book;
  const noted = { ...book, ends: [...book.ends, { key, atMs }].slice(-incidentLimits.endsMax) };
  const incidents = book.incidents.map((incident) => {
    const facts = incident.facts.map((fact) => (fact.key === key ? settledBy(noted, fact) : fact));
    const isTouched = facts.some((fact, index) => fact.endedAtMs !== incident.facts[index]?.endedAtMs);
    return isTouched ? { ...incident, facts, arrivedMs: Math.max(incident.arrivedMs, arrivedMs) } : incident;
  });
  return { ...noted, incidents };
}

function opened(book: IncidentBook, opens: OpeningMeaning, { event, atMs, arrivedMs }: Arrival): IncidentBook {
  const family = familyOf(event.detail);
  const fact = settledBy(book, { ...opens, event, atMs, lastAtMs: atMs, times: 1, arrivedMs, endedAtMs: null, toldIn: null });
  const alone: Incident = {
    number: book.nextNumber,
    family,
    facts: [fact],
    arrivedMs,
    announced: 0,
    firstAnnouncedMs: null,
    lastAnnouncedMs: null,
    acknowledged: null,
    escalatedMs: null,
    isEndTold: false,
    closedMs: null,
    swallowed: [],
  };
  const isAlone = family !== "site";
  const near = book.incidents.filter(
    (incident) => !isAlone && incident.family === family && isNear(incident, atMs) && hasRoomFor(incident, fact),
  );
  const [first] = near;
  if (first === undefined) return { ...book, nextNumber: book.nextNumber + 1, incidents: [...book.incidents, alone] };
  const merged = withFact(
    near.slice(1).reduce((so, other) => union(so, other, book), first),
    fact,
    book,
  );
  const others = book.incidents.filter((incident) => !near.includes(incident));
  return { ...book, incidents: [...others, merged].toSorted((one, other) => one.number - other.number) };
}

function familyOf(detail: EventDetail): IncidentFamily {
  if (isLicenceEvent(detail)) return "licence";
  return detail.kind === "trigger.fired" ? "message" : "site";
}

function isNear({ facts }: Incident, atMs: number): boolean {
  return facts.some((fact) => atMs >= fact.atMs - incidentLimits.togetherMs && atMs <= fact.lastAtMs + incidentLimits.togetherMs);
}

function hasRoomFor({ facts }: Incident, fact: Fact): boolean {
  if (facts.some(({ key }) => key === fact.key)) return true;
  return facts.length < incidentLimits.factsPerIncidentMax && JSON.stringify([...facts, fact]).length <= incidentLimits.incidentLengthMax;
}

function withFact(incident: Incident, fact: Fact, book: IncidentBook): Incident {
  const same = incident.facts.find(({ key }) => key === fact.key);
  const joint = same === undefined ? fact : joined(same, fact);
  // Its end was told, or was to be: that it goes on after all is another thing to be patient about.
  const isReopened = same !== undefined && same.endedAtMs !== null && incident.closedMs !== null;
  const now = settledBy(book, isReopened ? { ...joint, arrivedMs: fact.arrivedMs } : joint);
  const facts = [...incident.facts.filter((other) => other !== same), now];
  const closedMs = same === undefined || (now.lasts && now.endedAtMs === null) ? null : incident.closedMs;
  return { ...incident, facts, closedMs, arrivedMs: Math.max(incident.arrivedMs, fact.arrivedMs) };
}

/** Two reports of one thing: the earliest tells it, and it goes on where it began again after its end. */
function joined(one: Fact, other: Fact): Fact {
  const [early, late] = isBefore(one, other) ? [one, other] : [other, one];
  return {
    ...early,
    lastAtMs: Math.max(one.lastAtMs, other.lastAtMs),
    times: one.times + other.times,
    arrivedMs: Math.min(one.arrivedMs, other.arrivedMs),
    endedAtMs: null,
    toldIn: early.toldIn ?? late.toldIn,
  };
}

function isBefore(one: Fact, other: Fact): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.event.eventId <= other.event.eventId);
}

/** The first end after its newest beginning is the one, whichever came first. */
function settledBy({ ends }: IncidentBook, fact: Fact): Fact {
  if (!fact.lasts) return fact;
  const after = ends.flatMap(({ key, atMs }) => (key === fact.key && atMs >= fact.lastAtMs ? [atMs] : []));
  const known = fact.endedAtMs !== null && fact.endedAtMs >= fact.lastAtMs ? [fact.endedAtMs] : [];
  return after.length + known.length === 0 ? fact : { ...fact, endedAtMs: Math.min(...after, ...known) };
}

/** What was told in either stays told, and is not told again: numbers go on after those of both, so none that is in `toldIn` is used anew. The one that came first goes on. */
function union(one: Incident, other: Incident, book: IncidentBook): Incident {
  const whole = other.facts.reduce((so, fact) => withFact(so, fact, book), one);
  return {
    ...whole,
    arrivedMs: Math.max(one.arrivedMs, other.arrivedMs),
    announced: one.announced + other.announced,
    firstAnnouncedMs: earliest(one.firstAnnouncedMs, other.firstAnnouncedMs),
    lastAnnouncedMs: latest(one.lastAnnouncedMs, other.lastAnnouncedMs),
    acknowledged: one.acknowledged ?? other.acknowledged,
    escalatedMs: earliest(one.escalatedMs, other.escalatedMs),
    isEndTold: (one.isEndTold || other.isEndTold) && !awaitsEnd(one) && !awaitsEnd(other),
    closedMs: one.closedMs === null || other.closedMs === null ? null : whole.closedMs,
    swallowed: [...one.swallowed, other.number, ...other.swallowed],
  };
}

/** Somebody was told of it and not yet that it is over. Of what nobody was told, and of what only happened, no end is expected. */
function awaitsEnd({ firstAnnouncedMs, isEndTold, facts }: Incident): boolean {
  return firstAnnouncedMs !== null && !isEndTold && facts.some(({ lasts }) => lasts);
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
