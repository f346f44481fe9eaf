import { html } from "hono/html";
import { type Health, healthsByUrgency } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { Customer } from "../../store/customer-store.ts";
import type { Fleet } from "../../use-cases/read-fleet.ts";
import { countHealths, matches } from "../../use-cases/search-fleet.ts";
import { searchLengthMax } from "../fleet-query.ts";
import { mayAsProvider, type Session } from "../session.ts";
import { rowsPerPage } from "./fleet-view.ts";
import { badge, toneOfHealth, wordOfHealth } from "./icons.ts";
import type { Html } from "./markup.ts";
import { pager } from "./pager.ts";
import { consolePage, type Shell } from "./shell.ts";

interface CustomerRow {
  readonly customer: Customer;
  readonly clusters: number;
  readonly counts: Readonly<Record<Health, number>>;
  readonly unacknowledged: number;
}

export interface CustomersView {
  /** One page of them: whoever has trouble first, then by name. */
  readonly rows: readonly CustomerRow[];
  readonly found: number;
  readonly page: number;
  readonly pages: number;
}

const collator = new Intl.Collator("en", { numeric: true });

export function customersView({ customers, clusters }: Fleet, search: string, wantedPage: number): CustomersView {
  const own = Map.groupBy(clusters, ({ customerId }) => customerId);
  const wanted = search.trim().toLowerCase();
  const found = customers
    .filter(({ name, customerId }) => matches(wanted, name) || matches(wanted, customerId))
    .map((customer): CustomerRow => {
      const theirs = own.get(customer.customerId) ?? [];
      const unacknowledged = theirs.reduce((sum, { incidents }) => sum + incidents.unacknowledged, 0);
      return { customer, clusters: theirs.length, counts: countHealths(theirs), unacknowledged };
    })
    .toSorted((one, other) => urgencyOf(one) - urgencyOf(other) || collator.compare(one.customer.name, other.customer.name));
  const pages = Math.max(1, Math.ceil(found.length / rowsPerPage));
  const page = Math.min(wantedPage, pages);
  return { rows: found.slice((page - 1) * rowsPerPage, page * rowsPerPage), found: found.length, page, pages };
}

function urgencyOf({ counts }: CustomerRow): number {
  const worst = healthsByUrgency.findIndex((health) => counts[health] > 0);
  return worst === -1 ? healthsByUrgency.length : worst;
}

export function customersPage(shell: Shell, session: Session, view: CustomersView, search: string): Html {
  const href = (page: number) =>
    `/customers?${new URLSearchParams({ ...(search === "" ? {} : { q: search }), page: String(page) }).toString()}`;
  return consolePage(shell, session, {
    title: "Customers",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: "Customers", href: "/customers" },
    ],
    content: html`<div class="page-head"><div><h1>Customers</h1></div>
        <div class="page-actions">
          <form class="search" method="get" action="/customers" role="search">
            <label class="visually-hidden" for="q">Search customers</label>
            <input id="q" type="search" name="q" value="${search}" maxlength="${searchLengthMax}" placeholder="Search customer" autocomplete="off">
          </form>
          ${mayAsProvider(session) ? html`<a class="button" href="/customers/new">New customer</a>` : ""}
        </div></div>
      <section class="card flush" aria-label="Customers">${
        view.rows.length === 0
          ? html`<div class="empty"><h2>No customer ${search === "" ? "yet" : html`that matches “${search}”`}</h2></div>`
          : html`<div class="table-scroll"><table class="rows"><thead><tr><th scope="col">Customer</th><th scope="col">Clusters</th><th scope="col">Health</th></tr></thead>
            <tbody>${view.rows.map(customerRow)}</tbody></table></div>`
      }</section>
      <div class="table-foot number"><p class="muted">${view.found} ${view.found === 1 ? "customer" : "customers"}</p>${pager(view, href)}</div>`,
  });
}

function customerRow({ customer, clusters, counts, unacknowledged }: CustomerRow): Html {
  const healths = healthsByUrgency.filter((health) => counts[health] > 0);
  return html`<tr><th scope="row" data-label="Customer"><a href="/customers/${customer.customerId}">${customer.name}</a>${
    unacknowledged === 0 ? "" : html`<span class="sub">${unacknowledged} not acknowledged</span>`
  }</th>
    <td data-label="Clusters" class="number">${clusters}</td>
    <td data-label="Health">${healths.length === 0 ? html`<span class="muted">–</span>` : healths.map((health) => html`${badge(toneOfHealth[health], `${counts[health]} ${wordOfHealth[health]}`)} `)}</td></tr>`;
}
