import type { Severity } from "../monitoring/cluster-event.ts";
import {
  type Fact,
  type Incident,
  type IncidentBook,
  incidentLimits,
  isFull as isFullBook,
  isTellable,
  patienceMs,
  severityOfIncident,
} from "./incident.ts";
import { heldUntilMs, type MaintenanceWindow } from "./maintenance-window.ts";

export interface Circumstances {
  readonly nowMs: number;
  /** Where there is one, a takeover is told at once: no other group moves along. */
  readonly groups: number;
  readonly windows: readonly MaintenanceWindow[];
  /** After so long without an acknowledgement, a critical incident that goes on is told to the second topic. Null: never. */
  readonly escalateAfterMs: number | null;
}

/**
 * - `opened`: the first word of an incident.
 * - `updated`: there is more to it.
 * - `escalated`: nobody has acknowledged it; to the second topic.
 * - `closed`: it is over.
 */
export type AnnouncementPhase = "opened" | "updated" | "escalated" | "closed";
export const alertLevels = ["first", "escalation"] as const;
export type AlertLevel = (typeof alertLevels)[number];

/** What goes out to the subscribers of each level, once. */
export interface Announcement {
  readonly number: number;
  readonly phase: AnnouncementPhase;
  readonly levels: readonly AlertLevel[];
  readonly severity: Severity;
  /** As it is with this announcement. */
  readonly incident: Incident;
}

export interface Announced {
  readonly book: IncidentBook;
  readonly announcements: readonly Announcement[];
  /** No longer in the book. */
  readonly archived: readonly Incident[];
  /** When to look again; null where nothing is due without another event. */
  readonly dueMs: number | null;
}

/** Before the second, third, ... announcement of an incident: something that goes on and on is told more and more rarely, and all of it. */
const pausesMs = [10_000, 30_000, 60_000, 300_000, 900_000] as const;

/** In one go; what is left is due at once. So a book and what is told of it stay small enough to be stored together. */
const announcementsMax = 4;

/** Says what is due to be told. Told again and again with nothing new, it says nothing. */
export function announce(book: IncidentBook, circumstances: Circumstances): Announced {
  const announcements: Announcement[] = [];
  const dues: number[] = [];
  const isFull = isFullBook(book);
  const incidents = book.incidents.flatMap((incident) => {
    if (announcements.length >= incidentLimits.announcementsAtOnceMax) {
      dues.push(circumstances.nowMs);
      return [incident];
    }
    if (announcements.length >= announcementsMax) {
      dues.push(circumstances.nowMs);
      return [incident];
    }
    const looked = look(book, incident, circumstances, isFull);
    announcements.push(...looked.announcements);
    if (looked.dueMs !== null && !looked.isOld) dues.push(looked.dueMs);
    return looked.isOld ? [] : [looked.incident];
  });
  const kept = withinBounds(incidents);
  const archived = book.incidents.filter(({ number }) => !kept.some((incident) => incident.number === number));
  return {
    book: { ...book, incidents: kept },
    announcements,
    archived: archived.map((old) => incidents.find(({ number }) => number === old.number) ?? old),
    dueMs: dues.length === 0 ? null : Math.min(...dues),
  };
}

/** A full book gives up the oldest that have nothing left to tell, those that are over first. */
function withinBounds(incidents: readonly Incident[]): readonly Incident[] {
  const spare = incidents.filter((incident) => !incident.facts.some((fact) => isNews(fact, incident)));
  let kept = incidents;
  for (const goner of spare.toSorted((one, other) => Number(one.closedMs === null) - Number(other.closedMs === null))) {
    if (!isFullBook({ incidents: kept })) break;
    kept = kept.filter((incident) => incident !== goner);
  }
  return kept;
}

interface Looked {
  readonly incident: Incident;
  /** Over for so long that nothing will come to it any more. */
  readonly isOld: boolean;
  readonly announcements: readonly Announcement[];
  readonly dueMs: number | null;
}

function look(book: IncidentBook, before: Incident, circumstances: Circumstances, isFull: boolean): Looked {
  const { nowMs } = circumstances;
  if (before.closedMs !== null && !before.facts.some((fact) => isNews(fact, before))) return remembered(before, nowMs);
  const announcements: Announcement[] = [];
  let incident = before;
  const told = (phase: AnnouncementPhase, levels: readonly AlertLevel[]): void => {
    incident = {
      ...incident,
      announced: incident.announced + 1,
      firstAnnouncedMs: incident.firstAnnouncedMs ?? nowMs,
      lastAnnouncedMs: nowMs,
      isEndTold: phase === "closed",
    };
    announcements.push({ number: incident.announced, phase, levels, severity: severityOfIncident(incident), incident });
  };

  const newsDueMs = dueOfNews(book, incident, circumstances, isFull);
  if (newsDueMs !== null && newsDueMs <= nowMs) {
    const isFirst = incident.firstAnnouncedMs === null;
    incident = withNewsTold(book, incident, circumstances, isFull);
    if (isOver(incident)) incident = { ...incident, closedMs: nowMs };
    told(incident.closedMs === null ? (isFirst ? "opened" : "updated") : "closed", levelsOf(incident));
  }
  const dues = [dueOfNews(book, incident, circumstances, isFull)];

  // Looked at late, what had come to its end before it was to be escalated wakes nobody.
  const closeDueMs = dueOfClose(incident);
  const escalationDueMs = dueOfEscalation(book, incident, circumstances);
  if (escalationDueMs !== null && (closeDueMs === null || escalationDueMs < closeDueMs)) {
    if (escalationDueMs <= nowMs) {
      incident = { ...incident, escalatedMs: nowMs };
      told("escalated", ["escalation"]);
    } else dues.push(escalationDueMs);
  }
  if (closeDueMs !== null && closeDueMs <= nowMs) {
    incident = { ...incident, closedMs: nowMs };
    if (isOver(incident) && incident.firstAnnouncedMs !== null && !incident.isEndTold) told("closed", levelsOf(incident));
  } else dues.push(closeDueMs);

  const due = dues.filter((dueMs) => dueMs !== null);
  return { incident, isOld: false, announcements, dueMs: due.length === 0 ? null : Math.min(...due) };
}

/** One that is over stays for a while, so that what comes late finds it. */
function remembered(incident: Incident, nowMs: number): Looked {
  const untilMs = (incident.closedMs ?? nowMs) + incidentLimits.keptAfterCloseMs;
  return { incident, isOld: untilMs <= nowMs, announcements: [], dueMs: untilMs };
}

function isNews(fact: Fact, incident: Incident): boolean {
  return isAgain(fact, incident) || (fact.toldIn === null && isTellable(fact, incident));
}

/** It goes on after subscribers were told that all is over: they must hear of it, also where the incident explains it. */
function isAgain({ lasts, endedAtMs }: Fact, { isEndTold }: Incident): boolean {
  return isEndTold && lasts && endedAtMs === null;
}

function levelsOf({ escalatedMs }: Incident): readonly AlertLevel[] {
  return escalatedMs === null ? ["first"] : ["first", "escalation"];
}

/** When the earliest news goes out, with all other news that nothing holds back; null where there is none. */
function dueOfNews(book: IncidentBook, incident: Incident, circumstances: Circumstances, isFull: boolean): number | null {
  const dues = incident.facts
    .filter((fact) => isNews(fact, incident))
    .map((fact) => dueOf(book, fact, saidOfMs(fact, incident), circumstances, isFull));
  if (dues.length === 0) return null;
  const pauseMs = pausesMs[Math.min(incident.announced, pausesMs.length) - 1] ?? 0;
  const pauseEndsMs = incident.lastAnnouncedMs === null || isFull ? 0 : incident.lastAnnouncedMs + pauseMs;
  return Math.max(pauseEndsMs, Math.min(...dues));
}

/** The time of that beginning which is to be told: by it goes whether a window holds it back. */
function saidOfMs(fact: Fact, incident: Incident): number {
  return isAgain(fact, incident) ? fact.lastAtMs : fact.atMs;
}

function dueOf(book: IncidentBook, fact: Fact, saidOf: number, { groups, windows, nowMs }: Circumstances, isFull: boolean): number {
  const waitMs = fact.patience === "moment" && (groups <= 1 || fact.event.detail.kind !== "group.takeover") ? 0 : patienceMs[fact.patience];
  const patientUntilMs = fact.arrivedMs + waitMs;
  const held = heldUntilMs(windows, book.clusterId, saidOf);
  // A book that cannot grow any more loses nothing either: it tells in spite of the window.
  return held === null || held <= nowMs || isFull ? patientUntilMs : Math.max(patientUntilMs, held);
}

function withNewsTold(book: IncidentBook, incident: Incident, { windows, nowMs }: Circumstances, isFull: boolean): Incident {
  const isHeld = (fact: Fact) => !isFull && (heldUntilMs(windows, book.clusterId, saidOfMs(fact, incident)) ?? nowMs) > nowMs;
  const number = incident.announced + 1;
  const told = (fact: Fact) => (isNews(fact, incident) && !isHeld(fact) ? { ...fact, toldIn: fact.toldIn ?? number } : fact);
  return { ...incident, facts: incident.facts.map(told) };
}

/** It has something that lasts, and all that lasts has ended. */
function isOver({ facts }: Incident): boolean {
  const lasting = facts.filter(({ lasts }) => lasts);
  return lasting.length > 0 && lasting.every(({ endedAtMs }) => endedAtMs !== null);
}

function dueOfEscalation(book: IncidentBook, incident: Incident, { escalateAfterMs, windows }: Circumstances): number | null {
  const { firstAnnouncedMs, acknowledged, escalatedMs, closedMs, isEndTold } = incident;
  if (escalateAfterMs === null || firstAnnouncedMs === null || acknowledged !== null || escalatedMs !== null) return null;
  // What has begun again is told to the first topic before anybody is woken for it.
  if (closedMs !== null || isEndTold || severityOfIncident(incident) !== "critical") return null;
  const dueMs = firstAnnouncedMs + escalateAfterMs;
  return heldUntilMs(windows, book.clusterId, dueMs) ?? dueMs;
}

/** What has ended may begin again in a moment; what only happened may bring more. Nothing closes that has not been told. */
function dueOfClose(incident: Incident): number | null {
  if (incident.closedMs !== null || incident.facts.some((fact) => isNews(fact, incident))) return null;
  if (isOver(incident)) return incident.arrivedMs + patienceMs.soon;
  if (incident.facts.some(({ lasts }) => lasts)) return null;
  return incident.arrivedMs + incidentLimits.togetherMs;
}
