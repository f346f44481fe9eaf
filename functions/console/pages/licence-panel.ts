import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { StoredLicence } from "../../store/licence-store.ts";
import { mayAsProvider, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { csrfField } from "./shell.ts";

/** Licences add up; the number of nodes that they allow is enforced when a node joins. */
export function licencePanel(session: Session, clusterId: ClusterId, licences: readonly StoredLicence[], nodeCount: number): Html {
  const suggested = Math.max(2, nodeCount);
  return html`<section class="card" id="licences" aria-labelledby="licences-title">
    <h2 id="licences-title">Licences</h2>
    ${
      licences.length === 0
        ? html`<p>No licence yet: no node can join.</p>`
        : html`<ul class="plain">${licences.map(
            ({ licence }) => html`<li><span class="number">${licence.nodes} ${licence.nodes === 1 ? "node" : "nodes"}</span>
              <span class="muted">valid until ${dateTime(licence.validUntil)}, then ${licence.graceDays} days of grace</span></li>`,
          )}</ul>`
    }
    <p><a href="/clusters/${clusterId}/licences">All about its licences</a></p>
    ${
      mayAsProvider(session)
        ? html`<details><summary>Add a licence</summary>
          <form method="post" action="/clusters/${clusterId}/licences" class="inline-form">
            ${csrfField(session)}
            <label>Nodes <input type="number" name="nodes" min="1" max="${limits.nodesPerClusterMax}" value="${suggested}" required></label>
            <label>Valid for <select name="days"><option value="30">30 days</option><option value="365" selected>1 year</option><option value="1095">3 years</option></select></label>
            <button type="submit">Add licence</button>
          </form></details>`
        : ""
    }
  </section>`;
}
