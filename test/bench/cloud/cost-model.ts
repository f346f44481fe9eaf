import type { Happenings } from "./happenings.ts";
import { priceOf, sumOf, times, type Usage } from "./list-prices.ts";
import { looksPerDay, reportsPerDay, type Site } from "./node-day.ts";

export const daysPerMonth = 30;

/** What nobody can count here: how often things happen to people's sites. Each per day. */
export const assumed = {
  fleetNodes: 10_000,
  /** Of a node: its way to the cloud breaks and comes back. */
  reconnects: 1,
  /** Of a node: told for people to read. */
  events: 2,
  /** Of a cluster: told to one subscriber by HTTP. */
  takeovers: 1 / daysPerMonth,
  /** Of a cluster: somebody changes its document. */
  changes: 1 / daysPerMonth,
  /** Of a cluster: a page or a script reads its state. */
  pageReads: 20,
  hourlySweeps: 24,
  /** Of the control plane: alerts and silences are looked at every minute, whatever else wakes them. */
  sweeps: 1_440,
  /** Kept for a node: its report, its part of the document, and a year of its events, in the table and its index. */
  keptKb: 1_000,
} as const;

export interface CostRow {
  readonly what: string;
  /** Of one node and day. */
  readonly times: number;
  readonly usage: Usage;
}

function row(what: string, count: number, each: Usage): CostRow {
  return { what, times: count, usage: times(count, each) };
}

/** What a node of such a site uses in a day, by what happens. */
export function nodeDay(site: Site, happenings: Happenings): readonly CostRow[] {
  const perCluster = 1 / site.nodes;
  return [
    row("connected, by the minute", 1_440, { iotConnectionMinutes: 1 }),
    row("report", reportsPerDay(site), happenings.report),
    row("look at the control plane's vote", looksPerDay(site, assumed.reconnects), happenings.look),
    row("reconnect", assumed.reconnects, happenings.reconnect),
    row("event", assumed.events, happenings.event),
    row("takeover, with its alert", assumed.takeovers * perCluster, happenings.takeover),
    row("change of the cluster", assumed.changes * perCluster, happenings.change),
    row("read by a page or a script", assumed.pageReads * perCluster, happenings.pageRead),
    row("sweep of licences and certificates", assumed.hourlySweeps * perCluster, happenings.hourlySweep),
    row("sweeps for the whole fleet", assumed.sweeps / assumed.fleetNodes, happenings.sweeps),
    row("kept", 1, { storageGbMonths: assumed.keptKb / 1e6 / daysPerMonth }),
  ].filter(({ times: count }) => count > 0);
}

/** In USD, of a node and month. */
export function monthlyCost(rows: readonly CostRow[]): number {
  return daysPerMonth * priceOf(sumOf(rows.map(({ usage }) => usage)));
}

/** Messages that AWS IoT Core counts, of a node and day. */
export function messagesPerDay(rows: readonly CostRow[]): number {
  return sumOf(rows.map(({ usage }) => usage)).iotMessages ?? 0;
}
