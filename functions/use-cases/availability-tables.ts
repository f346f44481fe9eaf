import { type Availability, shareServed } from "../../shared/domain/availability/availability.ts";
import type { Outage } from "../../shared/domain/availability/outage.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { csvFile, csvTable } from "./csv-table.ts";
import type { AvailabilityReport, ClusterAvailability } from "./read-availability.ts";

/** What a table of a report has rows of. */
export type AvailabilityRows = "groups" | "outages";

/** A report as CSV: a line for each group, or for each outage. Times of day in ISO 8601 UTC, lengths in milliseconds, shares from 0 to 1. */
export function availabilityCsv({ customer, month, clusters }: AvailabilityReport, rows: AvailabilityRows): string {
  const records = clusters.flatMap((cluster): readonly object[] => {
    const place = { month, customer: customer.name, cluster: cluster.name };
    if (rows === "groups") return cluster.groups.map(({ group, ...figures }) => ({ ...place, group, ...figuresOf(figures) }));
    return cluster.groups.flatMap(({ outages }) => outages.map((outage) => ({ ...place, ...outageOf(outage, cluster) })));
  });
  return csvTable(records, columns[rows]);
}

/** For a browser to save. */
export function csvHeaders({ month }: AvailabilityReport, rows: AvailabilityRows): Record<string, string> {
  return csvFile(`${rows}-${month}`);
}

const placeColumns = ["month", "customer", "cluster", "group"] as const;
const columns: Readonly<Record<AvailabilityRows, readonly string[]>> = {
  groups: [
    ...placeColumns,
    "observedMs",
    "unplannedMs",
    "plannedMs",
    "unplannedOutages",
    "plannedOutages",
    "served",
    "servedCountingPlanned",
  ],
  outages: [...placeColumns, "from", "to", "lengthMs", "length", "isPlanned", "before", "after", "cause"],
};

/** As the API and the tables tell them. */
export function figuresOf(figures: Availability) {
  const { observedMs, unplannedMs, plannedMs, unplannedOutages, plannedOutages } = figures;
  const shares = { served: shareServed(figures, "left-out"), servedCountingPlanned: shareServed(figures, "counted") };
  return { observedMs, unplannedMs, plannedMs, unplannedOutages, plannedOutages, ...shares };
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
