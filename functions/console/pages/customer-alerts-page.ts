import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { ShownWindow } from "../../use-cases/alert-answers.ts";
import type { CustomerAlertsView } from "../alert-console-data.ts";
import { may, type Session } from "../session.ts";
import { maintenanceFields } from "./maintenance-fields.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

/** How a customer is told: when a second topic hears of it, when nobody is to be woken, and what did not arrive. */
export function customerAlertsPage(shell: Shell, session: Session, view: CustomerAlertsView): Html {
  const { customer } = view;
  const above = `/customers/${customer.customerId}`;
  const here = `${above}/alerts`;
  return consolePage(shell, session, {
    title: `Alerts of ${customer.name}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: above },
      { label: "Alerts", href: here },
    ],
    content: html`<div class="page-head"><div><h1>Alerts</h1>
        <p class="muted"><a href="${above}#subscriptions">Subscriptions</a>${view.clusters.map(
          ({ clusterId, name }) => html` · <a href="/clusters/${clusterId}/alerts">Incidents of ${name}</a>`,
        )}</p></div></div>
      <div class="columns">${settingsCard(session, view, here)}${maintenanceCard(session, view, here)}</div>
      ${deadLettersCard(session, view, here)}`,
  });
}

function settingsCard(session: Session, { settings }: CustomerAlertsView, here: string): Html {
  const { escalateAfterMinutes, silentAfterSeconds } = settings;
  const isFixed = may(session, "operator") ? "" : html` disabled`;
  return html`<section class="card" aria-labelledby="settings-title"><h2 id="settings-title">When</h2>
      <form method="post" action="${here}/settings">${csrfField(session)}
        <label>Escalate what nobody has acknowledged after (minutes; empty: never)
          <input type="number" name="escalateAfterMinutes" min="1" max="1440" value="${escalateAfterMinutes ?? ""}"${isFixed}></label>
        <label>A node or a site is silent after (seconds without contact to the cloud)
          <input type="number" name="silentAfterSeconds" min="30" max="3600" value="${silentAfterSeconds}" required${isFixed}></label>
        ${may(session, "operator") ? html`<button type="submit" class="quiet">Change</button>` : ""}
      </form></section>`;
}

function maintenanceCard(session: Session, { windows, clusters }: CustomerAlertsView, here: string): Html {
  const nameOf = ({ clusterId }: ShownWindow) =>
    clusterId === null ? "all clusters" : (clusters.find((cluster) => cluster.clusterId === clusterId)?.name ?? clusterId);
  return html`<section class="card" aria-labelledby="maintenance-title"><h2 id="maintenance-title">Maintenance</h2>
      <p class="muted">What happens in a window is told at its end, in one message.</p>
      ${windows.length === 0 ? html`<p>None is planned.</p>` : html`<ul class="plain">${windows.map((window) => windowItem(session, window, nameOf(window), here))}</ul>`}
      ${may(session, "operator") ? planForm(session, clusters, here) : ""}</section>`;
}

function windowItem(session: Session, { windowId, startsAt, endsAt, reason, createdBy }: ShownWindow, of: string, here: string): Html {
  return html`<li>${dateTime(startsAt)} to ${dateTime(endsAt)}: ${reason} <span class="sub">${of}, by ${createdBy}</span>
    ${
      may(session, "operator")
        ? html`<form method="post" action="${here}/maintenance/end">${csrfField(session)}
      <input type="hidden" name="windowId" value="${windowId}">
      <button type="submit" class="quiet" aria-label="End the maintenance ${reason}">End it now</button></form>`
        : ""
    }</li>`;
}

function planForm(session: Session, clusters: CustomerAlertsView["clusters"], here: string): Html {
  return html`<form method="post" action="${here}/maintenance">${csrfField(session)}
      <label>Of <select name="clusterId"><option value="">all clusters</option>${clusters.map(
        ({ clusterId, name }) => html`<option value="${clusterId}">${name}</option>`,
      )}</select></label>
      ${maintenanceFields()}
      <button type="submit" class="quiet">Plan</button>
      <small>At most ${limits.maintenanceDaysMax} days over the API.</small>
    </form>`;
}

function deadLettersCard(session: Session, { deadLetters }: CustomerAlertsView, here: string): Html {
  if (deadLetters === null) {
    return html`<section class="card" aria-labelledby="dead-title"><h2 id="dead-title">Not delivered</h2>
      <p>SNS does not tell what became of single alerts. What a subscriber did not take until the last attempt lies in the queue of undelivered alerts, which raises an alarm.</p></section>`;
  }
  const operates = may(session, "operator") && deadLetters.length > 0;
  return html`<section class="card flush" aria-labelledby="dead-title"><h2 id="dead-title">Not delivered</h2>
      ${
        deadLetters.length === 0
          ? html`<div class="empty"><p>Every subscriber took what it was sent, or is still being tried.</p></div>`
          : html`<div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Given up</th><th scope="col">Subscriber</th><th scope="col">Why</th><th scope="col"></th></tr></thead>
        <tbody>${deadLetters.map((letter) => deadRow(session, letter, here))}</tbody></table></div>`
      }
      ${operates ? html`<form method="post" action="${here}/redrive">${csrfField(session)}<button type="submit">Send all of them again</button></form>` : ""}</section>`;
}

function deadRow(session: Session, letter: NonNullable<CustomerAlertsView["deadLetters"]>[number], here: string): Html {
  const { deliveryId, diedAt, endpoint, protocol, level, reason, attempts, messageId } = letter;
  return html`<tr>
    <td data-label="Given up" class="number">${dateTime(diedAt)}</td>
    <th scope="row" data-label="Subscriber"><span class="endpoint">${endpoint}</span><span class="sub">${protocol}${level === "first" ? "" : ", escalations"}</span></th>
    <td data-label="Why">${reason}<span class="sub">after ${attempts} attempts; message ${messageId}</span></td>
    <td>${
      may(session, "operator")
        ? html`<form method="post" action="${here}/redrive">${csrfField(session)}
      <input type="hidden" name="deliveryId" value="${deliveryId}">
      <button type="submit" class="quiet" aria-label="Send message ${messageId} again to ${endpoint}">Send again</button></form>`
        : ""
    }</td></tr>`;
}
