import type { DrillReport } from "../drills/drill-report.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

type NameOf = (node: string | null) => string;

export function drillTable(reports: readonly DrillReport[], nameOf: NameOf): string {
  const rows = reports.map((report) => [
    report.startedAt,
    report.group,
    report.way,
    nameOf(report.to),
    report.outcome,
    silentFor(report),
    report.reason ?? "",
  ]);
  return table(["BEGUN", "GROUP", "WAY", "WENT TO", "OUTCOME", "SILENT", "REASON"], rows);
}

/** One drill: each step, and for how long each address was silent. */
export function drillShown({ group, way, from, to, outcome, reason, steps, silences }: DrillReport, nameOf: NameOf): string {
  const how = way === "health" ? `the health of ${nameOf(from)} was made to fail` : `${nameOf(from)} was to hand it over`;
  const ended = outcome === "completed" ? `${nameOf(to)} runs it, and all is well` : `${outcome}: ${reason ?? "not over yet"}`;
  const timeline = table(
    ["AFTER", "STEP"],
    steps.map(({ what, afterMs }) => [`${Math.round(afterMs)} ms`, what]),
  );
  const silent = silences.map((one) => printable(`${one.address} was silent for ${boundsOf(one)}, as ${nameOf(from)} asked for it.`));
  return [printable(`Drill of group ${group}: ${how}; ${ended}.`), "", timeline, ...(silent.length === 0 ? [] : ["", ...silent])].join(
    "\n",
  );
}

function silentFor({ silences }: DrillReport): string {
  const longest = silences.toSorted((one, other) => other.atMostMs - one.atMostMs)[0];
  return longest === undefined ? "-" : boundsOf(longest);
}

function boundsOf({ atLeastMs, atMostMs }: DrillReport["silences"][number]): string {
  return `${Math.round(atLeastMs)} to ${Math.round(atMostMs)} ms`;
}
