import { html } from "hono/html";
import type { Health } from "../../../shared/domain/monitoring/cluster-status.ts";
import { type FleetFilter, noFilter } from "../../use-cases/search-fleet.ts";
import { queryOf, searchLengthMax } from "../fleet-query.ts";
import { may, mayAsProvider, type Session } from "../session.ts";
import { clusterTable } from "./cluster-table.ts";
import type { FleetView } from "./fleet-view.ts";
import { toneIcon, toneOfHealth } from "./icons.ts";
import type { Html } from "./markup.ts";
import { pager } from "./pager.ts";
import { consolePage, type Shell } from "./shell.ts";

const tiles: readonly { readonly health: Health; readonly label: string }[] = [
  { health: "down", label: "Down" },
  { health: "degraded", label: "Degraded" },
  { health: "unknown", label: "Unknown" },
  { health: "empty", label: "New" },
  { health: "ok", label: "OK" },
];

export function fleetPage(shell: Shell, session: Session, view: FleetView, filter: FleetFilter): Html {
  return consolePage(shell, session, {
    title: "Fleet",
    crumbs: [{ label: "Fleet", href: "/" }],
    content: html`<div class="page-head">
        <div><h1>Fleet</h1></div>
        <div class="page-actions">
          <form class="search" method="get" action="/" role="search">
            <label class="visually-hidden" for="q">Search customers, clusters, nodes and addresses</label>
            <input id="q" type="search" name="q" value="${filter.search}" maxlength="${searchLengthMax}" placeholder="Search customer, cluster, node, address" autocomplete="off">
            ${filter.health === null ? "" : html`<input type="hidden" name="health" value="${filter.health}">`}
            ${filter.unacknowledged ? html`<input type="hidden" name="incidents" value="unacknowledged">` : ""}
          </form>
          <a href="/customers">Customers</a> <a href="/licences">Licences</a>
          ${mayAsProvider(session) ? html`<a class="button" href="/customers/new">New customer</a>` : ""}
        </div>
      </div>
      <div id="live" data-live hx-get="/fleet/live${queryOf(filter, view.page)}" hx-trigger="every 1s" hx-swap="innerMorph" hx-sync="this:drop">
        ${fleetLive(session, view, filter)}
      </div>`,
  });
}

/** The part that is asked for again every second. */
export function fleetLive(session: Session, view: FleetView, filter: FleetFilter): Html {
  if (view.customerCount === 0) return noCustomerYet(session);
  return html`<nav class="tiles" aria-label="Clusters by health">
      ${tiles.map(({ health, label }) => tile(health, label, view.counts[health], filter))}
    </nav>
    <section class="card flush" aria-label="Clusters">
      ${view.rows.length === 0 ? nothingFound(view, filter) : clusterTable(view.rows, { withCustomer: true })}
      ${view.customersWithoutCluster.map(
        ({ customerId, name }) => html`<p class="row-note"><a href="/customers/${customerId}">${name}</a> has no cluster yet.
          ${may(session, "operator") ? html`<a href="/customers/${customerId}/clusters/new">Create its first cluster</a>` : ""}</p>`,
      )}
    </section>
    <div class="table-foot number">
      <p class="muted">${view.found} of ${plural(view.clusterCount, "cluster")} · ${plural(view.customerCount, "customer")}${acknowledgeLink(view, filter)}${bulkLink(session, view, filter)}</p>
      ${pager(view, (page) => `/${queryOf(filter, page)}`)}
    </div>`;
}

function acknowledgeLink({ unacknowledged }: FleetView, filter: FleetFilter): Html {
  if (filter.unacknowledged) return html` · <a href="/${queryOf({ ...filter, unacknowledged: false })}">With and without incidents</a>`;
  if (unacknowledged === 0) return html``;
  return html` · <a href="/${queryOf({ ...filter, unacknowledged: true })}">${plural(unacknowledged, "incident")} not acknowledged</a>`;
}

function bulkLink(session: Session, { found }: FleetView, filter: FleetFilter): Html {
  if (found === 0 || !may(session, "operator")) return html``;
  return html` · <a href="/fleet/bulk${queryOf(filter)}">Act on ${found === 1 ? "this one" : `these ${found}`}</a>`;
}

function tile(health: Health, label: string, count: number, filter: FleetFilter): Html {
  const chosen = filter.health === health;
  const href = `/${queryOf({ ...filter, health: chosen ? null : health })}`;
  return html`<a class="tile tile-${toneOfHealth[health]} ${count === 0 ? "tile-zero" : ""}" href="${href}" ${chosen ? html`aria-current="true"` : ""}>
    <span class="tile-count number">${count}</span>
    <span class="tile-label">${toneIcon(toneOfHealth[health])}${label}</span>
  </a>`;
}

function nothingFound(view: FleetView, filter: FleetFilter): Html {
  if (view.clusterCount === 0) return html``;
  const what = filter.search === "" ? "like that" : html`that matches “${filter.search}”`;
  return html`<div class="empty"><h2>No cluster ${what}</h2><p><a href="/${queryOf(noFilter)}">Show all ${view.clusterCount}</a></p></div>`;
}

function noCustomerYet(session: Session): Html {
  return html`<section class="card empty">
    <h2>No customer yet</h2>
    <p>A customer has clusters; a cluster has two to eight nodes that protect each other.</p>
    ${
      mayAsProvider(session)
        ? html`<a class="button" href="/customers/new">Create the first customer</a>`
        : html`<p class="muted">Ask an owner to create the first one.</p>`
    }
  </section>`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
