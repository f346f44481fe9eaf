import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { BulkOutcome } from "../../use-cases/act-on-clusters.ts";
import type { FleetRow } from "../../use-cases/search-fleet.ts";
import type { Session } from "../session.ts";
import { badge, type Tone, toneOfHealth, wordOfHealth } from "./icons.ts";
import { maintenanceFields } from "./maintenance-fields.ts";
import type { Html } from "./markup.ts";
import { type Crumb, consolePage, csrfField, type Shell } from "./shell.ts";
import { subscribeFields } from "./subscribe-fields.ts";

/** One for each cluster's box: a field of its own, since a repeated one would lose all but its last. */
export const clusterField = (clusterId: string): string => `cluster:${clusterId}`;

const crumbs: readonly Crumb[] = [
  { label: "Fleet", href: "/" },
  { label: "Many clusters", href: "/fleet/bulk" },
];

/** The clusters that were found, all of them chosen, and what can be done with them. Not live: what somebody has chosen stays chosen. */
export function bulkPage(
  shell: Shell,
  session: Session,
  { rows, found }: { readonly rows: readonly FleetRow[]; readonly found: number },
): Html {
  const more =
    found > rows.length
      ? html`<p class="notice">The first ${rows.length} of ${found}: at most ${limits.clustersPerBulkActionMax} at once.</p>`
      : "";
  return consolePage(shell, session, {
    title: "Many clusters",
    crumbs,
    content: html`<div class="page-head"><div><h1>Many clusters</h1>
        <p class="muted">The same for each cluster that is chosen here, with its own entry in the audit log.</p></div></div>
      ${rows.length === 0 ? html`<div class="card empty"><h2>No cluster is like that</h2><p><a href="/">Back to the fleet</a></p></div>` : bulkForm(session, rows, more)}`,
  });
}

function bulkForm(session: Session, rows: readonly FleetRow[], more: Html | ""): Html {
  return html`<form method="post" action="/fleet/bulk">${csrfField(session)}
      <div class="columns">
        <section class="card" aria-labelledby="maintenance-title"><h2 id="maintenance-title">Maintenance</h2>
          ${maintenanceFields()}<button type="submit" name="kind" value="maintenance">Plan maintenance</button></section>
        <div>
          <section class="card" aria-labelledby="incidents-title"><h2 id="incidents-title">Incidents</h2>
            <p class="muted">Every incident that goes on, and that nobody has acknowledged.</p>
            <button type="submit" name="kind" value="acknowledge">Acknowledge incidents</button></section>
          <section class="card" aria-labelledby="subscribe-title"><h2 id="subscribe-title">Alerts of their customers</h2>
            ${subscribeFields()}<button type="submit" name="kind" value="subscribe">Subscribe</button></section>
        </div>
      </div>
      ${more}
      <section class="card flush" aria-label="Clusters"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col"><label><input type="checkbox" data-check-all checked> All</label></th><th scope="col">Health</th><th scope="col">What is going on</th></tr></thead>
        <tbody>${rows.map(chooseRow)}</tbody></table></div></section>
    </form>`;
}

function chooseRow({ clusterId, customerName, status }: FleetRow): Html {
  return html`<tr>
    <th scope="row" data-label="Cluster"><label><input type="checkbox" name="${clusterField(clusterId)}" checked> ${status.name}</label><span class="sub">${customerName}</span></th>
    <td data-label="Health">${badge(toneOfHealth[status.health], wordOfHealth[status.health])}</td>
    <td data-label="What is going on" class="reason">${status.reason}</td>
  </tr>`;
}

const toneOfOutcome: Readonly<Record<BulkOutcome["outcome"], Tone>> = { done: "ok", unchanged: "info", refused: "warn", failed: "bad" };
const wordOfOutcome: Readonly<Record<BulkOutcome["outcome"], string>> = {
  done: "Done",
  unchanged: "Unchanged",
  refused: "Refused",
  failed: "Failed",
};

export function bulkOutcomePage(shell: Shell, session: Session, outcomes: readonly BulkOutcome[]): Html {
  const count = (outcome: BulkOutcome["outcome"]) => outcomes.filter((one) => one.outcome === outcome).length;
  return consolePage(shell, session, {
    title: "Many clusters",
    crumbs,
    content: html`<div class="page-head"><div><h1>${count("done")} done, ${count("unchanged")} unchanged, ${count("refused")} refused, ${count("failed")} failed</h1></div></div>
      <section class="card flush" aria-label="Outcomes"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Cluster</th><th scope="col">Outcome</th><th scope="col">What</th></tr></thead>
        <tbody>${outcomes.toSorted(troubleFirst).map(outcomeRow)}</tbody></table></div></section>
      <p><a href="/">Back to the fleet</a></p>`,
  });
}

const urgency = ["failed", "refused", "unchanged", "done"];

function troubleFirst(one: BulkOutcome, other: BulkOutcome): number {
  return urgency.indexOf(one.outcome) - urgency.indexOf(other.outcome);
}

function outcomeRow({ clusterId, name, outcome, message, nextStep }: BulkOutcome): Html {
  return html`<tr>
    <th scope="row" data-label="Cluster">${name === null ? clusterId : html`<a href="/clusters/${clusterId}">${name}</a>`}</th>
    <td data-label="Outcome">${badge(toneOfOutcome[outcome], wordOfOutcome[outcome])}</td>
    <td data-label="What">${message}${nextStep === null ? "" : html`<span class="sub">${nextStep}</span>`}</td>
  </tr>`;
}
