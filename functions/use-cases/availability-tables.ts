import { type Availability, shareServed } from "../../shared/domain/availability/availability.ts";
import type { Outage } from "../../shared/domain/availability/outage.ts";
import { causesTogether, causeWords } from "../../shared/domain/availability/outage-causes.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { csvFile, csvTable } from "./csv-table.ts";
import type { AvailabilityReport, ClusterAvailability } from "./read-availability.ts";

/** What a table of a report has rows of. */
export type AvailabilityRows = "groups" | "clusters" | "outages" | "causes";

/** A report as CSV: a line for each group, cluster, outage or cause of outages. Times of day in ISO 8601 UTC, lengths in milliseconds, shares from 0 to 1. */
export function availabilityCsv({ customer, month, clusters }: AvailabilityReport, rows: AvailabilityRows): string {
  const records = clusters.flatMap((cluster): readonly object[] => {
    const place = { month, customer: customer.name, cluster: cluster.name };
    if (rows === "clusters") return [{ ...place, ...figuresOf(cluster.total) }];
    if (rows === "causes") return causesOf([cluster]).map((line) => ({ ...place, ...line }));
    if (rows === "groups") return cluster.groups.map(({ group, ...figures }) => ({ ...place, group, ...figuresOf(figures) }));
    return cluster.groups.flatMap(({ outages }) => outages.map((outage) => ({ ...place, ...outageOf(outage, cluster) })));
  });
  return csvTable(records, columns[rows]);
}

/** For a browser to save. */
export function csvHeaders({ month }: AvailabilityReport, rows: AvailabilityRows): Record<string, string> {
  return csvFile(`${rows}-${month}`);
}

const placeColumns = ["month", "customer", "cluster"] as const;
const figureColumns = ["observedMs", "unplannedMs", "plannedMs", "unplannedOutages", "plannedOutages", "served", "servedCountingPlanned"];
const columns: Readonly<Record<AvailabilityRows, readonly string[]>> = {
  groups: [...placeColumns, "group", ...figureColumns],
  clusters: [...placeColumns, ...figureColumns],
  causes: [...placeColumns, "cause", "words", "outages", "lostMs", "longestMs"],
  outages: [...placeColumns, "group", "from", "to", "lengthMs", "length", "isPlanned", "before", "after", "cause"],
};

/** As the API and the tables tell them. */
export function figuresOf(figures: Availability) {
  const { observedMs, unplannedMs, plannedMs, unplannedOutages, plannedOutages } = figures;
  const shares = { served: shareServed(figures, "left-out"), servedCountingPlanned: shareServed(figures, "counted") };
  return { observedMs, unplannedMs, plannedMs, unplannedOutages, plannedOutages, ...shares };
}

/** What closes a report: how much each cause has taken, the one that took most first. */
export function causesOf(clusters: readonly Pick<ClusterAvailability, "groups">[]) {
  const all = causesTogether(clusters.flatMap(({ groups }) => groups.map(({ causes }) => causes)));
  return all.map((line) => ({ ...line, words: causeWords[line.cause] }));
}

/** `to` and `lengthMs` are null while it goes on. */
export function outageOf({ group, fromMs, toMs, isPlanned, length, before, after, events }: Outage, { nameOf }: ClusterAvailability) {
  const [cause] = events;
  return {
    group,
    from: new Date(fromMs).toISOString(),
    to: toMs === null ? null : new Date(toMs).toISOString(),
    lengthMs: toMs === null ? null : toMs - fromMs,
    length,
    isPlanned,
    before: before === null ? null : nameOf(before),
    after: after === null ? null : nameOf(after),
    cause: cause === undefined ? "" : describeEvent(cause.detail, cause.reporter, nameOf),
    events: events.map(({ eventId }) => eventId),
  };
}
