import { html } from "hono/html";
import type { Severity } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { ShownHandover, ShownIncident } from "../../use-cases/alert-answers.ts";
import type { ClusterAlertsView } from "../alert-console-data.ts";
import { may, type Session } from "../session.ts";
import { badge, type Tone } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

const toneOfSeverity: Readonly<Record<Severity, Tone>> = { info: "info", warning: "warn", critical: "bad" };
const wordOfSeverity: Readonly<Record<Severity, string>> = { info: "Information", warning: "Warning", critical: "Critical" };
const toneOfDelivery = { waiting: "warn", delivered: "ok", dead: "bad" } as const;
const wordOfDelivery = { waiting: "On its way", delivered: "Delivered", dead: "Given up" } as const;

/** What stands together, who has taken it on, and which subscriber was told what. */
export function clusterAlertsPage(shell: Shell, session: Session, view: ClusterAlertsView): Html {
  const { customer, clusterId, clusterName } = view;
  const here = `/clusters/${clusterId}/alerts`;
  return consolePage(shell, session, {
    title: `Alerts of ${clusterName}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: `/customers/${customer.customerId}` },
      { label: clusterName, href: `/clusters/${clusterId}` },
      { label: "Alerts", href: here },
    ],
    content: html`<div class="page-head"><div><h1>Alerts</h1>
        <p class="muted"><a href="/customers/${customer.customerId}/alerts">Who is told, and when</a></p></div>
        ${may(session, "operator") ? html`<div class="page-actions">${testForm(session, here)}</div>` : ""}</div>
      ${incidentsCard(session, view, here)}
      ${alertsCard(view.alerts)}`,
  });
}

function testForm(session: Session, here: string): Html {
  return html`<form method="post" action="${here}/test" class="inline-form">${csrfField(session)}
      <label>Subscribers <select name="level"><option value="first">of all alerts</option><option value="escalation">of escalations</option></select></label>
      <button type="submit" class="quiet">Send a test message</button></form>`;
}

function incidentsCard(session: Session, { incidents, next }: ClusterAlertsView, here: string): Html {
  return html`<section class="card flush" aria-labelledby="incidents-title"><h2 id="incidents-title">Incidents</h2>
      <div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Incident</th><th scope="col">Began</th><th scope="col">What</th><th scope="col">State</th></tr></thead>
        <tbody>${incidents.map((incident) => incidentRow(session, incident, here))}</tbody>
      </table></div>
      ${incidents.length === 0 ? html`<div class="empty"><h2>No incident yet</h2></div>` : ""}</section>
    ${next === null ? "" : html`<p><a href="${here}?before=${next}" rel="next">Older incidents</a></p>`}`;
}

function incidentRow(session: Session, incident: ShownIncident, here: string): Html {
  const { number, severity, openedAt, facts } = incident;
  return html`<tr id="incident-${number}">
    <th scope="row" data-label="Incident" class="number">${number} ${badge(toneOfSeverity[severity], wordOfSeverity[severity])}</th>
    <td data-label="Began" class="number">${dateTime(openedAt)}</td>
    <td data-label="What"><ul class="plain">${facts.map(
      ({ sentence, times, isOver, isTold }) => html`<li>${sentence}
        <span class="sub">${[times > 1 ? `reported ${times} times` : "", isOver ? "over" : "", isTold ? "" : "not told: explained by another, or over at once"].filter((part) => part !== "").join("; ")}</span></li>`,
    )}</ul></td>
    <td data-label="State">${stateOf(incident)}${mayAcknowledge(session, incident) ? acknowledgeForm(session, number, here) : ""}</td>
  </tr>`;
}

function stateOf({ closedAt, acknowledged, escalatedAt, announcements }: ShownIncident): Html {
  const told = announcements === 0 ? "nobody was told" : `${announcements} ${announcements === 1 ? "alert" : "alerts"}`;
  return html`${closedAt === null ? badge("warn", "Goes on") : badge("ok", "Over")}
    <span class="sub">${told}${closedAt === null ? "" : html`, over ${dateTime(closedAt)}`}</span>
    ${escalatedAt === null ? "" : html`<span class="sub">escalated ${dateTime(escalatedAt)}</span>`}
    ${acknowledged === null ? "" : html`<span class="sub">acknowledged by ${acknowledged.by}, ${dateTime(acknowledged.at)}</span>`}`;
}

function mayAcknowledge(session: Session, { closedAt, acknowledged }: ShownIncident): boolean {
  return closedAt === null && acknowledged === null && may(session, "operator");
}

function acknowledgeForm(session: Session, number: number, here: string): Html {
  return html`<form method="post" action="${here}/acknowledge">${csrfField(session)}
      <input type="hidden" name="number" value="${number}">
      <button type="submit" class="quiet" aria-label="Acknowledge incident ${number}">Acknowledge</button></form>`;
}

function alertsCard(alerts: readonly ShownHandover[]): Html {
  return html`<section class="card flush" aria-labelledby="alerts-title"><h2 id="alerts-title">What was sent</h2>
      <div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Announced</th><th scope="col">Subject</th><th scope="col">Handed over</th><th scope="col">Subscribers</th></tr></thead>
        <tbody>${alerts.map(alertRow)}</tbody>
      </table></div>
      ${alerts.length === 0 ? html`<div class="empty"><h2>Nothing was sent yet</h2></div>` : ""}</section>`;
}

function alertRow(alert: ShownHandover): Html {
  const { announcedAt, subject, incident, phase, level, sentAt, failedAttempts, lastFailure, deliveries } = alert;
  return html`<tr>
    <td data-label="Announced" class="number">${dateTime(announcedAt)}</td>
    <th scope="row" data-label="Subject">${subject}<span class="sub">incident ${incident}, ${phase}${level === "first" ? "" : ", to the escalation level"}</span></th>
    <td data-label="Handed over">${sentAt === null ? badge("warn", "Waits") : dateTime(sentAt)}
      ${failedAttempts === 0 ? "" : html`<span class="sub">after ${failedAttempts} failed attempts: ${lastFailure}</span>`}</td>
    <td data-label="Subscribers">${deliveries === null ? html`<span class="muted">not told by SNS</span>` : deliveries.length === 0 ? html`<span class="muted">–</span>` : html`<ul class="plain">${deliveries.map(deliveryItem)}</ul>`}</td>
  </tr>`;
}

function deliveryItem({ endpoint, state, attempts, lastFailure, deliveredAt }: NonNullable<ShownHandover["deliveries"]>[number]): Html {
  return html`<li><span class="endpoint">${endpoint}</span> ${badge(toneOfDelivery[state], wordOfDelivery[state])}
    <span class="sub">${deliveredAt === null ? "" : dateTime(deliveredAt)}${attempts > 1 || state !== "delivered" ? html` ${attempts} attempts` : ""}${lastFailure === null ? "" : html`: ${lastFailure}`}</span></li>`;
}
