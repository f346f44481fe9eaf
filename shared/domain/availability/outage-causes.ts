import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { Outage } from "./outage.ts";

/** Why nobody served a group, by what tells of it first; each with the words that people read. */
export const causeWords = {
  "site-silent": "its site had no power or no network",
  "node-silent": "its server fell silent",
  "no-majority": "no majority of the voters agreed",
  "stepped-down": "its server gave it up",
  "agent-stopped": "its agent was stopped",
  "agent-died": "its agent had ended, and started again",
  wanted: "it was moved because somebody wanted that",
} as const;
export type OutageCause = keyof typeof causeWords;

const causeOfKind: Partial<Readonly<Record<EventDetail["kind"], OutageCause>>> = {
  "site.silent": "site-silent",
  "group.safe-halt": "no-majority",
  "group.stepped-down": "stepped-down",
  "agent.stopping": "agent-stopped",
  "agent.started": "agent-died",
};

export function causeOf({ isPlanned, events: [first] }: Pick<Outage, "isPlanned" | "events">): OutageCause {
  if (isPlanned) return "wanted";
  return (first === undefined ? undefined : causeOfKind[first.detail.kind]) ?? "node-silent";
}

/** What one cause has come to. Times in milliseconds, within the period. */
export interface CauseFigures {
  readonly cause: OutageCause;
  readonly outages: number;
  readonly lostMs: number;
  readonly longestMs: number;
}

/** One line for each cause that there was, the one that took most first. `lostMs`: of each outage within the period. */
export function byCause(outages: readonly { readonly outage: Outage; readonly lostMs: number }[]): readonly CauseFigures[] {
  const lines = outages.map(({ outage, lostMs }) => ({ cause: causeOf(outage), outages: 1, lostMs, longestMs: lostMs }));
  return causesTogether([lines]);
}

export function causesTogether(some: readonly (readonly CauseFigures[])[]): readonly CauseFigures[] {
  const lines = [...Map.groupBy(some.flat(), ({ cause }) => cause)].map(([cause, of]) => ({
    cause,
    outages: of.reduce((sum, { outages }) => sum + outages, 0),
    lostMs: of.reduce((sum, { lostMs }) => sum + lostMs, 0),
    longestMs: Math.max(...of.map(({ longestMs }) => longestMs)),
  }));
  return lines.toSorted((one, other) => other.lostMs - one.lostMs || one.cause.localeCompare(other.cause));
}
