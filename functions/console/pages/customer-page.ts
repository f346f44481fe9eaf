import { html } from "hono/html";
import type { LevelledSubscription } from "../../use-cases/alert-subscriptions.ts";
import type { CustomerFleet } from "../console-data.ts";
import { may, type Session } from "../session.ts";
import { clusterTable } from "./cluster-table.ts";
import { byTrouble, rowsOf } from "./fleet-view.ts";
import { badge } from "./icons.ts";
import type { Html } from "./markup.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

export function customerPage(shell: Shell, session: Session, fleet: CustomerFleet, subscriptions: readonly LevelledSubscription[]): Html {
  const { customer } = fleet;
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
      <div id="live" data-live hx-get="${here}/live" hx-trigger="every 1s" hx-swap="innerMorph" hx-sync="this:drop">${customerLive(fleet, session)}</div>
      <section class="card" id="subscriptions" aria-labelledby="subscriptions-title">
        <h2 id="subscriptions-title">Alert subscriptions</h2>
        ${subscriptionList(subscriptions)}
        ${may(session, "operator") ? subscribeForm(session, here) : ""}
        <p><a href="${here}/alerts">Escalation, maintenance windows, and what did not arrive</a></p>
      </section>
      ${may(session, "owner") ? html`<p><a href="${here}/audit">Audit log of this customer</a></p>` : ""}`,
  });
}

/** The part that is asked for again every second. */
export function customerLive(fleet: CustomerFleet, session: Session): Html {
  if (fleet.clusters.length > 0) {
    return html`<section class="card flush" aria-label="Clusters">${clusterTable(rowsOf(fleet).toSorted(byTrouble), { withCustomer: false })}</section>`;
  }
  return html`<section class="card empty"><h2>No cluster yet</h2>
    <p>A cluster is two to eight servers at this customer that protect each other.</p>
    ${may(session, "operator") ? html`<a class="button" href="/customers/${fleet.customer.customerId}/clusters/new">Create the first cluster</a>` : ""}</section>`;
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
    <label>Kind <select name="protocol"><option value="email">E-mail</option><option value="https">HTTPS</option><option value="http">HTTP</option></select></label>
    <label class="grow">Address or URL <input name="endpoint" maxlength="2048" required autocomplete="off" placeholder="noc@example.com or https://example.com/alerts"></label>
    <label>What <select name="level"><option value="first">All alerts</option><option value="escalation">What nobody acknowledges</option></select></label>
    <button type="submit">Subscribe</button>
  </form>`;
}
