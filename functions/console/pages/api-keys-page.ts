import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { ApiKey } from "../../store/api-key-store.ts";
import type { Customer } from "../../store/customer-store.ts";
import type { Session } from "../session.ts";
import { accessFields, customersWord, secretNotice } from "./access-fields.ts";
import type { Html } from "./markup.ts";
import { dateTime, relativeTime } from "./moment.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

export interface ApiKeysView {
  readonly apiKeys: readonly ApiKey[];
  readonly customers: readonly Customer[];
  /** Just made: shown this once. */
  readonly issued: { readonly name: string; readonly secret: string } | null;
}

export function apiKeysPage(shell: Shell, session: Session, { apiKeys, customers, issued }: ApiKeysView): Html {
  return consolePage(shell, session, {
    title: "API keys",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: "API keys", href: "/api-keys" },
    ],
    content: html`<div class="page-head"><div><h1>API keys</h1></div></div>
      ${issued === null ? "" : secretNotice(`The API key ${issued.name}, for the header Authorization: Bearer.`, issued.secret)}
      <section class="card flush" aria-label="API keys"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Key</th><th scope="col">Role</th><th scope="col">Customers</th><th scope="col">Expires</th><th scope="col">Last used</th><th scope="col">Revoke</th></tr></thead>
        <tbody>${apiKeys.map((apiKey) => keyRow(session, apiKey, customers))}</tbody>
      </table></div></section>
      <section class="card form-card" aria-labelledby="new-key"><h2 id="new-key">Make an API key</h2>
        <form method="post" action="/api-keys">${csrfField(session)}
          <label>What it is for <input name="name" required maxlength="${limits.nameLengthMax}" autocomplete="off"></label>
          ${accessFields(session, customers, null)}
          <label>Valid for <select name="days"><option value="90">90 days</option><option value="365" selected>1 year</option><option value="">until it is revoked</option></select></label>
          <button type="submit">Make the key</button>
        </form></section>`,
  });
}

function keyRow(session: Session, apiKey: ApiKey, customers: readonly Customer[]): Html {
  const nothing = html`<span class="muted">never</span>`;
  return html`<tr id="${apiKey.keyId}">
    <th scope="row" data-label="Key">${apiKey.name}<span class="sub"><code>${apiKey.prefix}…</code> made by ${apiKey.createdBy}</span></th>
    <td data-label="Role">${apiKey.access.role}</td>
    <td data-label="Customers">${customersWord(apiKey.access, customers)}</td>
    <td data-label="Expires" class="number">${apiKey.expiresAt === null ? nothing : dateTime(apiKey.expiresAt)}</td>
    <td data-label="Last used" class="number">${apiKey.lastUsedAt === null ? nothing : relativeTime(apiKey.lastUsedAt)}</td>
    <td data-label="Revoke"><form method="post" action="/api-keys/${apiKey.keyId}/revocation">${csrfField(session)}<button type="submit" class="quiet">Revoke</button></form></td>
  </tr>`;
}
