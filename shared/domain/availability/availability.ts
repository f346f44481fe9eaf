import type { GroupHistory } from "./find-outages.ts";
import type { Outage } from "./outage.ts";
import { byCause, type CauseFigures } from "./outage-causes.ts";
import type { Period } from "./period.ts";

/** Times in milliseconds. Of several groups together: their times added up. */
export interface Availability {
  /** From when the group was served first, within the period and up to now. */
  readonly observedMs: number;
  /** Of these, nobody served it, and nobody had wanted that. */
  readonly unplannedMs: number;
  /** Of these, it was on its way from one node to another because somebody wanted it to be. */
  readonly plannedMs: number;
  readonly unplannedOutages: number;
  readonly plannedOutages: number;
}

export interface GroupAvailability extends Availability {
  readonly group: string;
  /** Those that touch the period, whole. */
  readonly outages: readonly Outage[];
  /** What they have taken of the period, by their causes. */
  readonly causes: readonly CauseFigures[];
}

export function availabilityOf({ group, servedSinceMs, outages }: GroupHistory, period: Period, nowMs: number): GroupAvailability {
  const toMs = Math.min(period.toMs, nowMs);
  const fromMs = Math.min(toMs, Math.max(period.fromMs, servedSinceMs ?? toMs));
  const within = outages.filter((outage) => outage.fromMs < toMs && (outage.toMs ?? toMs) >= fromMs);
  const [planned, unplanned] = [true, false].map((isPlanned) => within.filter((outage) => outage.isPlanned === isPlanned));
  const lostIn = (outage: Outage): number => Math.max(0, Math.min(outage.toMs ?? toMs, toMs) - Math.max(outage.fromMs, fromMs));
  const lost = (some: readonly Outage[] = []): number => some.reduce((sum, outage) => sum + lostIn(outage), 0);
  return {
    group,
    observedMs: toMs - fromMs,
    unplannedMs: lost(unplanned),
    plannedMs: lost(planned),
    unplannedOutages: unplanned?.length ?? 0,
    plannedOutages: planned?.length ?? 0,
    outages: within,
    causes: byCause(within.map((outage) => ({ outage, lostMs: lostIn(outage) }))),
  };
}

/** Of a group that is no more: it ended when it was last given up, and that was no outage. */
export function availabilityOfEnded(history: GroupHistory, period: Period, nowMs: number): GroupAvailability {
  const last = history.outages.at(-1);
  if (last?.toMs !== null) return availabilityOf(history, period, nowMs);
  return availabilityOf({ ...history, outages: history.outages.slice(0, -1) }, period, Math.min(nowMs, last.fromMs));
}

export function together(some: readonly Availability[]): Availability {
  const sum = (of: (one: Availability) => number): number => some.reduce((total, one) => total + of(one), 0);
  return {
    observedMs: sum((one) => one.observedMs),
    unplannedMs: sum((one) => one.unplannedMs),
    plannedMs: sum((one) => one.plannedMs),
    unplannedOutages: sum((one) => one.unplannedOutages),
    plannedOutages: sum((one) => one.plannedOutages),
  };
}

/** Of the observed time that which was served, 0 to 1: leaving out what was wanted, or counting it as lost too. Null where nothing was observed. */
export function shareServed({ observedMs, unplannedMs, plannedMs }: Availability, planned: "counted" | "left-out"): number | null {
  if (observedMs === 0) return null;
  return 1 - (unplannedMs + (planned === "counted" ? plannedMs : 0)) / observedMs;
}

/** In percent with three decimals, never rounded up: an outage must not look like none. */
export function percentServed(share: number | null): string {
  return share === null ? "no data" : `${(Math.floor(share * 100_000) / 1_000).toFixed(3)} %`;
}
