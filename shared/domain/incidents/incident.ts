import type { ClusterId, EventId } from "../ids.ts";
import type { ClusterEvent, Severity } from "../monitoring/cluster-event.ts";
import type { OpeningMeaning } from "./event-meaning.ts";

/** One thing that has begun or happened, however many events report it. Times in milliseconds since 1970; `at`: the reporters' clocks, `arrived`: the control plane's. */
export interface Fact extends OpeningMeaning {
  /** The event that tells it: the earliest. */
  readonly event: ClusterEvent;
  readonly atMs: number;
  readonly lastAtMs: number;
  /** Events that reported it. */
  readonly times: number;
  readonly arrivedMs: number;
  /** When it ended, for one that lasts; null while it goes on. */
  readonly endedAtMs: number | null;
  /** Number of the announcement that told it, which may have been of an incident that is swallowed now; null: none has. */
  readonly toldIn: number | null;
}

/**
 * Licences end by the calendar, and have nothing to do with what happens on a site nor with each other; nor have messages, which a trigger sends to the subscribers:
 * each of both stands alone, is told once and at once.
 */
export type IncidentFamily = "site" | "licence" | "message";

/** Events of one cluster that are near each other in time: of one cause, as far as anyone can tell from here. */
export interface Incident {
  /** 1, 2, 3 in each cluster, by arrival. */
  readonly number: number;
  readonly family: IncidentFamily;
  readonly facts: readonly Fact[];
  /** Of the newest event about it. */
  readonly arrivedMs: number;
  /** Announcements made, also by those that it swallowed; the next one bears the next number. */
  readonly announced: number;
  readonly firstAnnouncedMs: number | null;
  readonly lastAnnouncedMs: number | null;
  readonly acknowledged: Acknowledgement | null;
  readonly escalatedMs: number | null;
  /** The end of it was announced, and nothing since. */
  readonly isEndTold: boolean;
  /** Null while it goes on, or may. */
  readonly closedMs: number | null;
  /** Other incidents that turned out to be this one. */
  readonly swallowed: readonly number[];
}

export interface Acknowledgement {
  readonly by: string;
  readonly atMs: number;
}

/** All that is known of a cluster's incidents: those that go on, and those that are over since less than a day. */
export interface IncidentBook {
  readonly clusterId: ClusterId;
  readonly nextNumber: number;
  readonly incidents: readonly Incident[];
  /** When keys ended, so that an end that comes before its beginning counts. Newest arrival last. */
  readonly ends: readonly { readonly key: string; readonly atMs: number }[];
  /** Events that are in here, the newest last: a repeat changes nothing. */
  readonly taken: readonly EventId[];
}

export const incidentLimits = {
  /** Events are of one incident while none is further than this from the next in time. */
  togetherMs: 120_000,
  /** A fuller one is followed by another, so that nothing is left out. */
  factsPerIncidentMax: 24,
  /** As JSON, in characters: an agent's reasons are not short. */
  incidentLengthMax: 64 * 1_024,
  /** Of the whole book: with what it announces at once it has to fit into one item of the store, packed. */
  bookLengthMax: 256 * 1_024,
  /** With one change of the book; the next ones follow at once. */
  announcementsAtOnceMax: 4,
  /** In the book; more are archived, those that are over first. */
  incidentsMax: 20,
  /** A repeat comes while its event is still being taken; what is older is known by the event's own item. */
  takenMax: 256,
  endsMax: 128,
  keptAfterCloseMs: 24 * 3_600_000,
} as const;

export function emptyBook(clusterId: ClusterId): IncidentBook {
  return { clusterId, nextNumber: 1, incidents: [], ends: [], taken: [] };
}

/** It tells what it holds without waiting, in spite of windows and pauses, and takes nothing new until it has. */
export function isFull({ incidents }: Pick<IncidentBook, "incidents">): boolean {
  return incidents.length > incidentLimits.incidentsMax || JSON.stringify(incidents).length > incidentLimits.bookLengthMax;
}

const weightOf: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** The heaviest of those that are told, or of all where none is to be told. */
export function severityOfIncident(incident: Incident): Severity {
  const weighed = incident.facts.filter((fact) => isTellable(fact, incident));
  return (weighed.length === 0 ? incident.facts : weighed)
    .map(({ event }) => event.severity)
    .reduce((worst, severity) => (weightOf[severity] > weightOf[worst] ? severity : worst), "info");
}

/** A symptom is not told where something in the incident explains it, nor where it was over before anybody had to know. */
export function isTellable(fact: Fact, { facts }: Pick<Incident, "facts">): boolean {
  if (fact.role === "cause") return true;
  if (fact.endedAtMs !== null && fact.endedAtMs - fact.atMs < patienceMs.patient) return false;
  return !facts.some((other) => explains(other, fact));
}

/** How long each patience waits. */
export const patienceMs = { moment: 2_000, soon: 10_000, patient: 30_000 } as const;

function explains({ key, event: { detail } }: Fact, { event: { detail: about } }: Fact): boolean {
  if (key === "site") return true;
  if (about.kind === "node.silent") return detail.kind === "group.takeover" && detail.from === about.node;
  if (about.kind === "replication.bypass") {
    return (
      (detail.kind === "node.silent" && detail.node === about.expected) ||
      (detail.kind === "group.takeover" && detail.from === about.expected)
    );
  }
  return about.kind === "replication.no-peer" && (detail.kind === "node.silent" || detail.kind === "group.takeover");
}
