import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { Customer } from "../../store/customer-store.ts";
import type { Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

/** What was typed, and why it was refused: nobody has to type it again. */
export interface FormAgain {
  readonly problem: string;
  readonly values: Readonly<Record<string, string>>;
}

export function newCustomerPage(shell: Shell, session: Session, again: FormAgain | null): Html {
  return consolePage(shell, session, {
    title: "New customer",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: "New customer", href: "/customers/new" },
    ],
    content: html`<section class="card form-card"><h1>New customer</h1>${problemNotice(again)}
      <form method="post" action="/customers">${csrfField(session)}
        <label>Name ${nameInput(again)}</label>
        <button type="submit">Create customer</button>
      </form></section>`,
  });
}

export function newClusterPage(shell: Shell, session: Session, customer: Customer, again: FormAgain | null): Html {
  const here = `/customers/${customer.customerId}`;
  const names = (field: string) => again?.values[field] ?? "";
  return consolePage(shell, session, {
    title: "New cluster",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: here },
      { label: "New cluster", href: `${here}/clusters/new` },
    ],
    content: html`<section class="card form-card"><h1>New cluster</h1>${problemNotice(again)}
      <form method="post" action="${here}/clusters">${csrfField(session)}
        <label>Name ${nameInput(again)}</label>
        <label>Data sets <input name="dataSets" value="${names("dataSets")}" maxlength="1000" autocomplete="off" aria-describedby="data-sets-hint"></label>
        <small id="data-sets-hint">SQLite databases that every node keeps a replica of: names, separated by commas. Each node's own settings say where the file lies.</small>
        <label>Shared databases <input name="shared" value="${names("shared")}" maxlength="1000" autocomplete="off" aria-describedby="shared-hint"></label>
        <small id="shared-hint">Databases that all nodes use, and that are only watched: names, separated by commas. Each node's own settings say how it looks whether they answer.</small>
        <label>Configuration <input name="config" value="${names("config")}" maxlength="1000" autocomplete="off" aria-describedby="config-hint"></label>
        <small id="config-hint">Records that the agents keep for the application, read on every node and written on the operational one: names, separated by commas.</small>
        <label>State <input name="state" value="${names("state")}" maxlength="1000" autocomplete="off" aria-describedby="state-hint"></label>
        <small id="state-hint">The same for what is short-lived, as forwardings and registrations: each record may have a time to live.</small>
        <label>Folders <input name="files" value="${names("files")}" maxlength="1000" autocomplete="off" aria-describedby="files-hint"></label>
        <small id="files-hint">Prompts, recordings, certificates: names, separated by commas. The operational node's folder is followed by every other node's; each node's own settings say where it lies.</small>
        <label>Virtual addresses <input name="addresses" value="${names("addresses")}" maxlength="1000" autocomplete="off" aria-describedby="addresses-hint"></label>
        <small id="addresses-hint">Where clients find the operational node, whichever it is: addresses with their prefix length, separated by commas, as 192.0.2.10/24. Each node needs a static address in the same subnet.</small>
        <label>Services <input name="services" value="${names("services")}" maxlength="1000" autocomplete="off" aria-describedby="services-hint"></label>
        <small id="services-hint">What only the operational node runs: names, separated by commas. The commands stand in each node's own settings, never here.</small>
        <button type="submit">Create cluster</button>
      </form></section>`,
  });
}

function nameInput(again: FormAgain | null): Html {
  return html`<input name="name" value="${again?.values["name"] ?? ""}" required maxlength="${limits.nameLengthMax}" autocomplete="off" autofocus>`;
}

function problemNotice(again: FormAgain | null): Html {
  return again === null ? html`` : html`<p class="notice notice-bad" role="alert">${again.problem}</p>`;
}
