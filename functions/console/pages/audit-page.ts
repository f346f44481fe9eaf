import { html } from "hono/html";
import { type AuditEntry, auditOutcomes, outcomeOf, type RefusedRequest } from "../../../shared/domain/audit/audit-entry.ts";
import type { Difference } from "../../../shared/domain/audit/difference.ts";
import type { Customer } from "../../store/customer-store.ts";
import type { AuditPageOptions, CheckedAuditPage } from "../../use-cases/read-audit-log.ts";
import type { Session } from "../session.ts";
import { badge } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { type Crumb, consolePage, type Shell } from "./shell.ts";

export interface AuditView {
  /** Whose log; null for everything. */
  readonly customer: Customer | null;
  readonly found: CheckedAuditPage;
  readonly options: AuditPageOptions;
}

export function auditPage(shell: Shell, session: Session, { customer, found, options }: AuditView): Html {
  const { entries, next, broken } = found;
  const here = customer === null ? "/audit" : `/customers/${customer.customerId}/audit`;
  const above: readonly Crumb[] = customer === null ? [] : [{ label: customer.name, href: `/customers/${customer.customerId}` }];
  return consolePage(shell, session, {
    title: "Audit log",
    crumbs: [{ label: "Fleet", href: "/" }, ...above, { label: "Audit log", href: here }],
    content: html`<div class="page-head"><div><h1>Audit log</h1></div>${outcomeLinks(here, options)}</div>
      ${
        broken.length === 0
          ? ""
          : html`<p class="notice notice-bad" role="alert">Entries ${broken.join(", ")} are not what was written: the log was changed behind the control plane. Compare it with a backup.</p>`
      }
      <section class="card flush" aria-label="Entries"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Number</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Before and after, or why not</th></tr></thead>
        <tbody>${entries.map((entry) => entryRow(entry, broken))}</tbody>
      </table></div>
      ${entries.length === 0 ? html`<div class="empty"><h2>${next === undefined ? "Nothing yet" : "Nothing among the newest"}</h2></div>` : ""}</section>
      ${next === undefined ? "" : html`<p><a href="${hrefOf(here, { ...options, before: next })}" rel="next">Older entries</a></p>`}
      <p class="muted">For a spreadsheet: <a href="${hrefOf(here, options, "csv=entries")}" download>these entries</a>.</p>`,
  });
}

function outcomeLinks(here: string, { outcome, before: _before, ...options }: AuditPageOptions): Html {
  const link = (of: AuditPageOptions["outcome"], label: string) =>
    html`<a href="${hrefOf(here, of === undefined ? options : { ...options, outcome: of })}" ${of === outcome ? html`aria-current="true"` : ""}>${label}</a> `;
  const labels = { done: "Done", refused: "Refused" } as const;
  return html`<nav class="page-actions" aria-label="Outcome">${link(undefined, "All")}${auditOutcomes.map((one) => link(one, labels[one]))}</nav>`;
}

function hrefOf(here: string, { limit, before, outcome }: AuditPageOptions, more?: string): string {
  const parts = [
    `limit=${limit}`,
    ...(outcome === undefined ? [] : [`outcome=${outcome}`]),
    ...(before === undefined ? [] : [`before=${before}`]),
    ...(more === undefined ? [] : [more]),
  ];
  return `${here}?${parts.join("&")}`;
}

function entryRow(entry: AuditEntry, broken: readonly number[]): Html {
  return html`<tr>
    <th scope="row" data-label="Number" class="number">${entry.number} ${broken.includes(entry.number) ? badge("bad", "Changed") : ""}</th>
    <td data-label="When" class="number">${dateTime(entry.at)}</td>
    <td data-label="Who">${entry.actor.name}<span class="sub">${entry.actor.kind}${entry.actor.requestId === null ? "" : html`, request ${entry.actor.requestId}`}</span></td>
    <td data-label="What">${outcomeOf(entry) === "refused" ? badge("warn", "Refused") : entry.action}<span class="sub">${entry.subject}</span></td>
    <td data-label="Before and after, or why not">${entry.refusal === undefined ? changeList(entry.changes) : refusalText(entry.refusal)}</td>
  </tr>`;
}

function refusalText({ route, code, message, unlisted }: RefusedRequest): Html {
  return html`${message}<span class="sub">${code}, ${route}</span>${
    unlisted === 0 ? "" : html`<span class="sub">${unlisted} more before this, without an entry of their own</span>`
  }`;
}

function changeList(changes: readonly Difference[]): Html {
  if (changes.length === 0) return html`<span class="muted">–</span>`;
  return html`<details><summary>${changes.length} ${changes.length === 1 ? "change" : "changes"}</summary><ul class="plain">${changes.map(
    ({ path, before, after }) => html`<li><code>${path === "" ? "all of it" : path}</code>
      <span class="sub">${textOf(before)} → ${textOf(after)}</span></li>`,
  )}</ul></details>`;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
