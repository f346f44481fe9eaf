import type { ClusterId, EventId } from "../../shared/domain/ids.ts";
import type { Announcement } from "../../shared/domain/incidents/announce.ts";
import { type Fact, isTellable } from "../../shared/domain/incidents/incident.ts";
import type { Severity } from "../../shared/domain/monitoring/cluster-event.ts";
import { type AlertMessage, type AlertNames, alertMessage, eventSentence } from "./alert-message.ts";
import { cutTo } from "./plain-text.ts";

const lateFromMs = 300_000;
/** In a sentence; the rest is counted there, and stands in the list of facts. */
const factsInSentenceMax = 3;
/** A list of facts must fit into a message, whatever their reasons quote. */
const factSentenceLengthMax = 400;
const factsMax = 100;

const weightOf: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Words an announcement: what is new in it leads; an end or an escalation speaks of the whole. */
export function announcementMessage(clusterId: ClusterId, announcement: Announcement, nowMs: number, names: AlertNames): AlertMessage {
  const { incident, number, phase, severity } = announcement;
  // What was told before something explained it stays in the story.
  const facts = incident.facts.filter((fact) => fact.toldIn !== null || isTellable(fact, incident)).toSorted(heaviestFirst);
  const isNew = ({ toldIn }: Fact) => toldIn === number;
  const spoken = phase === "escalated" || !facts.some(isNew) ? facts : facts.filter(isNew);
  const [lead] = spoken;
  if (lead === undefined) throw new Error(`incident ${incident.number} of ${clusterId} was announced without a fact`);
  const latestMs = Math.max(...spoken.map(({ lastAtMs, endedAtMs }) => endedAtMs ?? lastAtMs));
  const content = {
    alertId: `${clusterId}/incident/${incident.number}/${number}` as EventId,
    lead: lead.event,
    severity,
    sentence: phased(
      announcement,
      spoken.map(({ event }) => eventSentence(event, names)),
    ),
    incident: {
      number: incident.number,
      phase,
      openedAt: iso(Math.min(...incident.facts.map(({ atMs }) => atMs))),
      closedAt: phase === "closed" ? iso(endOf(incident.facts)) : null,
      facts: facts.slice(0, factsMax).map((fact) => ({
        kind: fact.event.detail.kind,
        severity: fact.event.severity,
        at: fact.event.at,
        sentence: cutTo(factSentenceLengthMax, eventSentence(fact.event, names)),
        times: fact.times,
        isNew: isNew(fact),
        isOver: fact.endedAtMs !== null,
      })),
      swallowed: [...incident.swallowed],
      lateMs: phase === "escalated" || nowMs - latestMs < lateFromMs ? null : nowMs - latestMs,
    },
  };
  return alertMessage(content, names);
}

/** Where two weigh the same: a silent site before its failovers, they before all else, and then what came first. */
function heaviestFirst(one: Fact, other: Fact): number {
  return weightOf[one.event.severity] - weightOf[other.event.severity] || rankOf(one) - rankOf(other) || one.atMs - other.atMs;
}

function rankOf({ event }: Fact): number {
  if (event.detail.kind === "site.silent") return 0;
  return event.detail.kind === "group.takeover" ? 1 : 2;
}

function phased({ phase, incident }: Announcement, sentences: readonly string[]): string {
  const more = sentences.length - factsInSentenceMax;
  const told = `${sentences.slice(0, factsInSentenceMax).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
  if (phase === "escalated") return `nobody has acknowledged this yet: ${told}`;
  if (phase !== "closed") return told;
  const beganMs = Math.min(...incident.facts.map(({ atMs }) => atMs));
  return `over after ${duration(endOf(incident.facts) - beganMs)}: ${told}`;
}

/** When the last of it ended, or happened. */
function endOf(facts: readonly Fact[]): number {
  return Math.max(...facts.map(({ endedAtMs, lastAtMs }) => endedAtMs ?? lastAtMs));
}

function duration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
