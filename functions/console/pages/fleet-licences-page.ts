import { html } from "hono/html";
import type { LicenceSummary } from "../../../shared/domain/monitoring/cluster-summary.ts";
import type { Fleet } from "../../use-cases/read-fleet.ts";
import { type FleetRow, noFilter, searchFleet } from "../../use-cases/search-fleet.ts";
import type { Session } from "../session.ts";
import { rowsPerPage } from "./fleet-view.ts";
import { badge, type Tone } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { pager } from "./pager.ts";
import { consolePage, type Shell } from "./shell.ts";

export interface FleetLicencesView {
  readonly rows: readonly { readonly row: FleetRow; readonly concern: Concern }[];
  /** Whether clusters are shown that need nobody. */
  readonly isAll: boolean;
  readonly found: number;
  readonly clusterCount: number;
  readonly page: number;
  readonly pages: number;
}

/** What somebody should look at first, by its place here. */
const concerns = ["lapsed", "grace", "over", "none", "soon", "near", "fine"] as const;
type Concern = (typeof concerns)[number];

const soonMs = 60 * 86_400_000;

export function concernOf({ state, next, usage, nodes }: LicenceSummary, nowMs: number): Concern {
  if (state === "lapsed" || state === "grace") return state;
  if (usage === "over") return "over";
  if (state === "none") return nodes.used === 0 ? "fine" : "none";
  if (next !== null && next.state !== "valid" && Date.parse(next.at) - nowMs < soonMs) return "soon";
  return usage === "near" ? "near" : "fine";
}

/** What ends first, and what is used beyond what is licensed, of all clusters. */
export function fleetLicencesView(
  fleet: Fleet,
  { isAll, page: wanted, nowMs }: { readonly isAll: boolean; readonly page: number; readonly nowMs: number },
): FleetLicencesView {
  const found = searchFleet(fleet, noFilter, "trouble")
    .map((row) => ({ row, concern: concernOf(row.licence, nowMs) }))
    .filter(({ concern }) => isAll || concern !== "fine")
    .toSorted((one, other) => concerns.indexOf(one.concern) - concerns.indexOf(other.concern) || endOf(one.row) - endOf(other.row));
  const pages = Math.max(1, Math.ceil(found.length / rowsPerPage));
  const page = Math.min(wanted, pages);
  const rows = found.slice((page - 1) * rowsPerPage, page * rowsPerPage);
  return { rows, isAll, found: found.length, clusterCount: fleet.clusters.length, page, pages };
}

function endOf({ licence: { next } }: FleetRow): number {
  return next === null ? Number.MAX_SAFE_INTEGER : Date.parse(next.at);
}

export function fleetLicencesPage(shell: Shell, session: Session, view: FleetLicencesView): Html {
  const href = (page: number) => `/licences?${view.isAll ? "show=all&" : ""}page=${page}`;
  const other = view.isAll
    ? html`<a href="/licences">Only what needs somebody</a>`
    : html`<a href="/licences?show=all">All ${view.clusterCount} clusters</a>`;
  return consolePage(shell, session, {
    title: "Licences",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: "Licences", href: "/licences" },
    ],
    content: html`<div class="page-head"><div><h1>Licences</h1>
        <p class="muted">What has run out, what is used beyond its licence, what ends within 60 days.</p></div>
        <div class="page-actions">${other}</div></div>
      <section class="card flush" aria-label="Clusters by licence">${
        view.rows.length === 0
          ? html`<div class="empty"><h2>Nothing needs anybody</h2><p>No licence of ${view.clusterCount} clusters has run out, ends soon, or is used beyond what it covers.</p></div>`
          : html`<div class="table-scroll"><table class="rows"><thead><tr><th scope="col">Licence</th><th scope="col">Cluster</th><th scope="col">Ends</th><th scope="col">Nodes</th><th scope="col">Users</th></tr></thead>
            <tbody>${view.rows.map(licenceRow)}</tbody></table></div>`
      }</section>
      <div class="table-foot number"><p class="muted">${view.found} of ${view.clusterCount} clusters</p>${pager(view, href)}</div>`,
  });
}

const toneOf: Readonly<Record<Concern, Tone>> = {
  lapsed: "bad",
  grace: "warn",
  over: "warn",
  none: "unknown",
  soon: "warn",
  near: "info",
  fine: "ok",
};
const wordOf: Readonly<Record<Concern, string>> = {
  lapsed: "Lapsed",
  grace: "In grace",
  over: "Over its use",
  none: "No licence",
  soon: "Ends soon",
  near: "Nearly used",
  fine: "Valid",
};

function licenceRow({ row, concern }: FleetLicencesView["rows"][number]): Html {
  const { clusterId, customerId, customerName, status, licence } = row;
  const { next, nodes, users, trial } = licence;
  return html`<tr>
    <td data-label="Licence">${badge(toneOf[concern], wordOf[concern])}${trial ? html`<span class="sub">trial</span>` : ""}</td>
    <th scope="row" data-label="Cluster"><a href="/clusters/${clusterId}/licences">${status.name}</a><a class="sub" href="/customers/${customerId}">${customerName}</a></th>
    <td data-label="Ends" class="number">${next === null ? html`<span class="muted">–</span>` : html`${dateTime(next.at)}<span class="sub">then ${next.state}</span>`}</td>
    <td data-label="Nodes" class="number">${nodes.used} of ${nodes.licensed}</td>
    <td data-label="Users" class="number">${users.required} of ${users.licensed}</td>
  </tr>`;
}
