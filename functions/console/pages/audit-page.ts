import { html } from "hono/html";
import type { AuditEntry } from "../../../shared/domain/audit/audit-entry.ts";
import type { Difference } from "../../../shared/domain/audit/difference.ts";
import type { Customer } from "../../store/customer-store.ts";
import type { CheckedAuditPage } from "../../use-cases/read-audit-log.ts";
import type { Session } from "../session.ts";
import { badge } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { type Crumb, consolePage, type Shell } from "./shell.ts";

/** `customer`: whose log; null for everything. */
export function auditPage(shell: Shell, session: Session, customer: Customer | null, { entries, next, broken }: CheckedAuditPage): Html {
  const here = customer === null ? "/audit" : `/customers/${customer.customerId}/audit`;
  const above: readonly Crumb[] = customer === null ? [] : [{ label: customer.name, href: `/customers/${customer.customerId}` }];
  return consolePage(shell, session, {
    title: "Audit log",
    crumbs: [{ label: "Fleet", href: "/" }, ...above, { label: "Audit log", href: here }],
    content: html`<div class="page-head"><div><h1>Audit log</h1></div></div>
      ${
        broken.length === 0
          ? ""
          : html`<p class="notice notice-bad" role="alert">Entries ${broken.join(", ")} are not what was written: the log was changed behind the control plane. Compare it with a backup.</p>`
      }
      <section class="card flush" aria-label="Changes"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Number</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Before and after</th></tr></thead>
        <tbody>${entries.map((entry) => entryRow(entry, broken))}</tbody>
      </table></div>
      ${entries.length === 0 ? html`<div class="empty"><h2>Nothing was changed yet</h2></div>` : ""}</section>
      ${next === undefined ? "" : html`<p><a href="${here}?before=${next}" rel="next">Older changes</a></p>`}`,
  });
}

function entryRow(entry: AuditEntry, broken: readonly number[]): Html {
  return html`<tr>
    <th scope="row" data-label="Number" class="number">${entry.number} ${broken.includes(entry.number) ? badge("bad", "Changed") : ""}</th>
    <td data-label="When" class="number">${dateTime(entry.at)}</td>
    <td data-label="Who">${entry.actor.name}<span class="sub">${entry.actor.kind}${entry.actor.requestId === null ? "" : html`, request ${entry.actor.requestId}`}</span></td>
    <td data-label="What">${entry.action}<span class="sub">${entry.subject}</span></td>
    <td data-label="Before and after">${changeList(entry.changes)}</td>
  </tr>`;
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
