import { html } from "hono/html";
import { type Availability, percentServed, shareServed } from "../../../shared/domain/availability/availability.ts";
import type { CauseFigures } from "../../../shared/domain/availability/outage-causes.ts";
import { causesOf, outageOf } from "../../use-cases/availability-tables.ts";
import { neighboursOf } from "../../use-cases/month.ts";
import type { AvailabilityReport, ClusterAvailability } from "../../use-cases/read-availability.ts";
import type { AvailabilitySubject } from "../console-data.ts";
import type { Session } from "../session.ts";
import { badge } from "./icons.ts";
import { lengthText } from "./length-text.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { type Crumb, consolePage, type Shell } from "./shell.ts";

export function availabilityPage(
  shell: Shell,
  session: Session,
  report: AvailabilityReport,
  { of, nowMs }: { readonly of: AvailabilitySubject; readonly nowMs: number },
): Html {
  const { customer, clusters, month, period, total } = report;
  const [one] = "clusterId" in of ? clusters : [];
  const above = one === undefined ? `/customers/${customer.customerId}` : `/clusters/${one.clusterId}`;
  const here = `${above}/availability`;
  const { before, after } = neighboursOf(period);
  const crumbs: readonly Crumb[] = [
    { label: "Fleet", href: "/" },
    { label: customer.name, href: `/customers/${customer.customerId}` },
    ...(one === undefined ? [] : [{ label: one.name, href: above }]),
    { label: "Availability", href: here },
  ];
  return consolePage(shell, session, {
    title: `Availability ${month}`,
    crumbs,
    content: html`<div class="page-head">
        <div><h1>Availability in ${month}</h1><p class="health-line">${one?.name ?? customer.name}: ${percentServed(shareServed(total, "left-out"))}</p></div>
        <nav class="page-actions" aria-label="Months"><a href="${here}?month=${before}" rel="prev">${before}</a>
          ${period.toMs > nowMs ? "" : html`<a href="${here}?month=${after}" rel="next">${after}</a>`}</nav>
      </div>
      ${clusters.some(({ isComplete }) => !isComplete) ? html`<p class="notice notice-bad" role="alert">So much has happened at ${incomplete(clusters)} that only the newest part of it is counted here.</p>` : ""}
      <section class="card flush" aria-labelledby="groups-title"><h2 id="groups-title">Priority groups</h2>${groupsTable(clusters, total)}</section>
      <section class="card flush" aria-labelledby="outages-title"><h2 id="outages-title">Outages</h2>${outagesTable(clusters)}</section>
      ${causesCard(clusters)}
      <p class="muted">Served counts from when a group ran first, up to now, without what was wanted: switchovers and failbacks stand by themselves.
        Months are in UTC. For a spreadsheet: ${(["groups", "clusters", "outages", "causes"] as const).map((rows, at) => html`${at === 0 ? "" : ", "}<a href="${here}?month=${month}&csv=${rows}" download>${rows}</a>`)}.</p>`,
  });
}

function incomplete(clusters: readonly ClusterAvailability[]): string {
  return clusters
    .filter(({ isComplete }) => !isComplete)
    .map(({ name }) => name)
    .join(", ");
}

/** A cluster of several groups has a line of its own after them, and a customer of several clusters one at the end. */
function groupsTable(clusters: readonly ClusterAvailability[], total: Availability): Html {
  const ran = clusters.filter(({ groups }) => groups.length > 0);
  const rows = ran.flatMap((cluster) => [
    ...cluster.groups.map((group) => figuresRow(group.group, cluster, group)),
    ...(ran.length > 1 && cluster.groups.length > 1 ? [figuresRow("All groups", cluster, cluster.total)] : []),
  ]);
  if (rows.length === 0) return html`<div class="empty"><h2>Nothing ran in this month</h2></div>`;
  return html`<div class="table-scroll"><table class="rows">
    <thead><tr><th scope="col">Group</th><th scope="col">Cluster</th><th scope="col">Served</th><th scope="col">Observed for</th><th scope="col">Outages</th><th scope="col">Wanted ones</th></tr></thead>
    <tbody>${rows}</tbody>
    <tfoot>${rows.length === 1 ? "" : figuresRow("All together", null, total)}</tfoot>
  </table></div>`;
}

function figuresRow(name: string, cluster: ClusterAvailability | null, figures: Availability): Html {
  return html`<tr>
    <th scope="row" data-label="Group">${name}</th>
    <td data-label="Cluster">${cluster === null ? "" : html`<a href="/clusters/${cluster.clusterId}">${cluster.name}</a>`}</td>
    <td data-label="Served" class="number">${percentServed(shareServed(figures, "left-out"))}</td>
    <td data-label="Observed for" class="number">${lengthText(figures.observedMs)}</td>
    <td data-label="Outages" class="number">${lostText(figures.unplannedOutages, figures.unplannedMs)}</td>
    <td data-label="Wanted ones" class="number">${lostText(figures.plannedOutages, figures.plannedMs)}</td>
  </tr>`;
}

function lostText(count: number, ms: number): Html {
  return count === 0 ? html`<span class="muted">none</span>` : html`${count}, ${lengthText(ms)} in all`;
}

function causesCard(clusters: readonly ClusterAvailability[]): Html {
  const causes = causesOf(clusters);
  if (causes.length === 0) return html``;
  const sum = (of: "outages" | "lostMs"): number => causes.reduce((all, line) => all + line[of], 0);
  const all = { outages: sum("outages"), lostMs: sum("lostMs"), longestMs: Math.max(...causes.map(({ longestMs }) => longestMs)) };
  return html`<section class="card flush" aria-labelledby="causes-title"><h2 id="causes-title">By cause</h2><div class="table-scroll"><table class="rows">
    <thead><tr><th scope="col">Cause</th><th scope="col">Outages</th><th scope="col">In all</th><th scope="col">Longest</th></tr></thead>
    <tbody>${causes.map((line) => causeRow(line.words, line))}</tbody>
    <tfoot>${causes.length === 1 ? "" : causeRow("All together", all)}</tfoot>
  </table></div></section>`;
}

function causeRow(words: string, { outages, lostMs, longestMs }: Omit<CauseFigures, "cause">): Html {
  return html`<tr>
    <th scope="row" data-label="Cause">${words}</th>
    <td data-label="Outages" class="number">${outages}</td>
    <td data-label="In all" class="number">${lengthText(lostMs)}</td>
    <td data-label="Longest" class="number">${lengthText(longestMs)}</td>
  </tr>`;
}

const boundWords = { measured: "measured", "at-most": "at most", "at-least": "at least" } as const;

/** The newest first. */
function outagesTable(clusters: readonly ClusterAvailability[]): Html {
  const outages = clusters
    .flatMap((cluster) => cluster.groups.flatMap((group) => group.outages.map((outage) => ({ cluster, ...outageOf(outage, cluster) }))))
    .toSorted((one, other) => other.from.localeCompare(one.from));
  if (outages.length === 0) return html`<div class="empty"><h2>None</h2></div>`;
  return html`<div class="table-scroll"><table class="rows">
    <thead><tr><th scope="col">From</th><th scope="col">Group</th><th scope="col">For</th><th scope="col">Cause</th></tr></thead>
    <tbody>${outages.map(
      ({ cluster, group, from, lengthMs, length, isPlanned, before, after, cause }) => html`<tr>
      <th scope="row" data-label="From">${dateTime(from)}</th>
      <td data-label="Group">${group}<span class="sub">${cluster.name}</span></td>
      <td data-label="For" class="number">${lengthMs === null ? badge("bad", "Goes on") : html`${lengthText(lengthMs)}<span class="sub">${boundWords[length]}</span>`}</td>
      <td data-label="Cause">${isPlanned ? html`${badge("info", "Wanted")} ` : ""}${cause}<span class="sub">${before ?? "nobody"} → ${after ?? "nobody"}</span></td>
    </tr>`,
    )}</tbody>
  </table></div>`;
}
