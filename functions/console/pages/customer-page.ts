import { html } from "hono/html";
import type { Customer } from "../../store/customer-store.ts";
import type { LevelledSubscription } from "../../use-cases/alert-subscriptions.ts";
import { noFilter } from "../../use-cases/search-fleet.ts";
import { queryOf } from "../fleet-query.ts";
import { may, mayAsProvider, type Session } from "../session.ts";
import { clusterTable } from "./cluster-table.ts";
import type { FleetView } from "./fleet-view.ts";
import { badge } from "./icons.ts";
import type { Html } from "./markup.ts";
import { pager } from "./pager.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";
import { subscribeFields } from "./subscribe-fields.ts";

/** A customer, and a page of its clusters. */
export interface CustomerView {
  readonly customer: Customer;
  readonly clusters: FleetView;
}

export function customerPage(shell: Shell, session: Session, view: CustomerView, subscriptions: readonly LevelledSubscription[]): Html {
  const { customer } = view;
  const here = `/customers/${customer.customerId}`;
  return consolePage(shell, session, {
    title: customer.name,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: here },
    ],
    content: html`<div class="page-head">
        <div><h1>${customer.name}</h1></div>
        <div class="page-actions"><a href="${here}/availability">Availability</a> ${may(session, "operator") ? html`<a class="button" href="${here}/clusters/new">New cluster</a>` : ""}</div>
      </div>
      <div id="live" data-live hx-get="${here}/live${pageQuery(view.clusters.page)}" hx-trigger="every 1s" hx-swap="innerMorph" hx-sync="this:drop">${customerLive(view, session)}</div>
      <section class="card" id="subscriptions" aria-labelledby="subscriptions-title">
        <h2 id="subscriptions-title">Alert subscriptions</h2>
        ${subscriptionList(subscriptions)}
        ${may(session, "operator") ? subscribeForm(session, here) : ""}
        <p><a href="${here}/alerts">Escalation, maintenance windows, and what did not arrive</a></p>
      </section>
      ${may(session, "owner") ? html`<p><a href="${here}/audit">Audit log of this customer</a></p>` : ""}
      ${mayAsProvider(session) ? html`<p><a href="${here}/removal">Remove this customer</a></p>` : ""}`,
  });
}

/** The part that is asked for again every second. */
export function customerLive({ customer, clusters }: CustomerView, session: Session): Html {
  if (clusters.found > 0) {
    return html`<section class="card flush" aria-label="Clusters">${clusterTable(clusters.rows, { withCustomer: false })}</section>
      ${pager(clusters, (page) => `/customers/${customer.customerId}${pageQuery(page)}`)}`;
  }
  return html`<section class="card empty"><h2>No cluster yet</h2>
    <p>A cluster is two to eight servers at this customer that protect each other.</p>
    ${may(session, "operator") ? html`<a class="button" href="/customers/${customer.customerId}/clusters/new">Create the first cluster</a>` : ""}</section>`;
}

function pageQuery(page: number): string {
  return queryOf(noFilter, page);
}

function subscriptionList(subscriptions: readonly LevelledSubscription[]): Html {
  if (subscriptions.length === 0)
    return html`<p>Nobody is told yet when a node of this customer takes over. Add an address or a webhook.</p>`;
  return html`<ul class="plain subscriptions">${subscriptions.map(
    ({
      endpoint,
      protocol,
      state,
      level,
    }) => html`<li><span class="endpoint">${endpoint}</span> <span class="muted">${protocol}${level === "first" ? "" : ", escalations"}</span>
      ${state === "confirmed" ? badge("ok", "Confirmed") : badge("warn", "Waiting for confirmation")}</li>`,
  )}</ul>`;
}

function subscribeForm(session: Session, here: string): Html {
  return html`<form method="post" action="${here}/subscriptions" class="inline-form">
    ${csrfField(session)}
    ${subscribeFields()}
    <button type="submit">Subscribe</button>
  </form>`;
}
