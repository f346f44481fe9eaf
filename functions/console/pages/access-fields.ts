import { html } from "hono/html";
import { type Access, roles } from "../../../shared/domain/access/access.ts";
import type { Customer } from "../../store/customer-store.ts";
import { customerField } from "../access-form.ts";
import { mayAsProvider, type Session } from "../session.ts";
import type { Html } from "./markup.ts";

const meanings = {
  viewer: "sees everything, changes nothing",
  operator: "runs the clusters",
  owner: "also says who may do what",
} as const;

/** Role and customers: of those that the visitor may give. `now`: what is chosen already. */
export function accessFields(session: Session, customers: readonly Customer[], now: Access | null): Html {
  const chosen = new Set<string>(now === null || now.customers === "all" ? [] : now.customers);
  const all = now === null ? mayAsProvider(session) && customers.length === 0 : now.customers === "all";
  return html`<label>Role <select name="role">${roles.map(
    (role) => html`<option value="${role}"${role === (now?.role ?? "viewer") ? html` selected` : ""}>${role}: ${meanings[role]}</option>`,
  )}</select></label>
    <fieldset class="customer-choice"><legend>Customers</legend>
      ${mayAsProvider(session) ? scope("all", "All, those to come included", all) : ""}
      ${scope("some", mayAsProvider(session) ? "Only these" : "These", !all)}
      <div class="customer-list">${customers.map(
        ({ customerId, name }) =>
          html`<label><input type="checkbox" name="${customerField(customerId)}"${chosen.has(customerId) ? html` checked` : ""}> ${name}</label>`,
      )}</div>
    </fieldset>`;
}

function scope(value: "all" | "some", label: string, checked: boolean): Html {
  return html`<label><input type="radio" name="scope" value="${value}" required${checked ? html` checked` : ""}> ${label}</label>`;
}

/** "all", or their names. */
export function customersWord({ customers }: Access, known: readonly Customer[]): string {
  if (customers === "all") return "all customers";
  const names = new Map(known.map(({ customerId, name }) => [customerId, name]));
  return customers.map((customerId) => names.get(customerId) ?? customerId).join(", ");
}

/** What is shown once, with a button that copies it. */
export function secretNotice(what: string, secret: string): Html {
  return html`<section class="card" role="status"><p>${what} It is shown only now, and kept nowhere.</p>
    <div class="command"><code id="secret">${secret}</code><button type="button" class="quiet" data-copy="secret">Copy</button></div></section>`;
}
