import { html } from "hono/html";
import type { NodeSummary } from "../../../shared/domain/monitoring/cluster-summary.ts";
import type { FleetRow } from "../../use-cases/search-fleet.ts";
import { badge, toneOfHealth, wordOfHealth } from "./icons.ts";
import type { Html } from "./markup.ts";
import { duration } from "./moment.ts";

/** Clusters as rows; on a narrow screen each row becomes a card (console.css), so every cell names its column. */
export function clusterTable(rows: readonly FleetRow[], options: { readonly withCustomer: boolean }): Html {
  return html`<div class="table-scroll"><table class="rows clusters">
    <thead><tr>
      <th scope="col">Health</th><th scope="col">Cluster</th><th scope="col">What is going on</th>
      <th scope="col">Operational</th><th scope="col">Nodes up</th><th scope="col">Since</th>
    </tr></thead>
    <tbody>${rows.map((row) => clusterRow(row, options.withCustomer))}</tbody>
  </table></div>`;
}

function clusterRow(row: FleetRow, withCustomer: boolean): Html {
  const { clusterId, customerId, customerName, status } = row;
  const more = status.problems > 1 ? html` <span class="muted">and ${status.problems - 1} more</span>` : "";
  return html`<tr id="row-${clusterId}">
    <td data-label="Health">${badge(toneOfHealth[status.health], wordOfHealth[status.health])}</td>
    <th scope="row" data-label="Cluster">
      <a class="row-link" href="/clusters/${clusterId}">${status.name}</a>
      ${withCustomer ? html`<a class="sub" href="/customers/${customerId}">${customerName}</a>` : ""}
    </th>
    <td data-label="What is going on" class="reason">${status.reason}${more}${incidentNote(row)}</td>
    <td data-label="Operational">${operational(row)}</td>
    <td data-label="Nodes up">${nodesUp(row)}</td>
    <td data-label="Since" class="number">${status.since === null ? html`<span class="muted">–</span>` : duration(status.since)}</td>
  </tr>`;
}

function incidentNote({ clusterId, incidents }: FleetRow): Html {
  if (incidents.open === 0) return html``;
  const open = `${incidents.open} open ${incidents.open === 1 ? "incident" : "incidents"}`;
  return html`<a class="sub" href="/clusters/${clusterId}/alerts">${open}${incidents.unacknowledged === 0 ? "" : `, ${incidents.unacknowledged} not acknowledged`}</a>`;
}

function operational({ status }: FleetRow): Html {
  if (status.operational.length === 0) return html`<span class="muted">nobody</span>`;
  const names = status.operational.join(", ");
  return status.health === "unknown" ? html`<span class="muted">${names}, when last heard</span>` : html`${names}`;
}

function nodesUp({ status: { nodes, health } }: FleetRow): Html {
  const dots = nodes.map((node) => html`<i class="${dotOf(node)}"></i>`);
  const count = health === "unknown" ? "?" : nodes.filter(({ isUp }) => isUp).length;
  return html`<span class="nodes-up number">${count} of ${nodes.length} <span class="dots" aria-hidden="true">${dots}</span></span>`;
}

function dotOf({ isUp, condition }: NodeSummary): string {
  return isUp ? "on" : condition === "unknown" ? "unknown" : "off";
}
