import { html } from "hono/html";
import type { RemovalPreview } from "../../../shared/protocol/removal-contract.ts";
import type { Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

export interface Removable {
  readonly what: "cluster" | "customer";
  readonly name: string;
  /** Its own page. */
  readonly here: string;
  /** The page of whose it is. */
  readonly of: { readonly label: string; readonly href: string } | null;
  /** Of the cluster's document that the visitor sees the consequences of. */
  readonly version: number | null;
}

/** `would`: null where it cannot be removed now. `problem`: why not, or why what was sent was refused. */
export function removalPage(
  shell: Shell,
  session: Session,
  { what, name, here, of, version }: Removable,
  { problem, would }: { readonly problem: string | null; readonly would: RemovalPreview | null },
): Html {
  return consolePage(shell, session, {
    title: `Removal of ${name}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      ...(of === null ? [] : [of]),
      { label: name, href: here },
      { label: "Removal", href: `${here}/removal` },
    ],
    content: html`<section class="card form-card"><h1>Remove this ${what}</h1>
      ${problem === null ? "" : html`<p class="notice notice-bad" role="alert">${problem}</p>`}
      ${would === null ? html`<p><a href="${here}">Leave it as it is</a></p>` : confirmation(session, { what, name, here, of, version }, would)}
    </section>`,
  });
}

function confirmation(session: Session, { what, name, here, version }: Removable, { consequences }: RemovalPreview): Html {
  return html`<h2>Nothing has been changed yet. What would follow</h2>
    <ul class="problems">${consequences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <form method="post" action="${here}/removal">${csrfField(session)}
      ${version === null ? "" : html`<input type="hidden" name="version" value="${version}">`}
      <label>To remove it, type its name: ${name} <input name="confirm" required maxlength="64" autocomplete="off"></label>
      <button type="submit">Remove this ${what}</button> <a href="${here}">Leave it as it is</a>
    </form>`;
}
