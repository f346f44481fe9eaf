import { html } from "hono/html";
import { isAlive } from "../../../shared/domain/monitoring/node-status.ts";
import type { FleetRow } from "./fleet-view.ts";
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
  const { status } = row;
  const more = status.problems.length > 1 ? html` <span class="muted">and ${status.problems.length - 1} more</span>` : "";
  return html`<tr id="row-${row.clusterId}">
    <td data-label="Health">${badge(toneOfHealth[status.health], wordOfHealth[status.health])}</td>
    <th scope="row" data-label="Cluster">
      <a class="row-link" href="/clusters/${row.clusterId}">${row.name}</a>
      ${withCustomer ? html`<a class="sub" href="/customers/${row.customerId}">${row.customerName}</a>` : ""}
    </th>
    <td data-label="What is going on" class="reason">${status.reason}${more}</td>
    <td data-label="Operational">${operational(row)}</td>
    <td data-label="Nodes up">${nodesUp(row)}</td>
    <td data-label="Since" class="number">${status.since === null ? html`<span class="muted">–</span>` : duration(status.since)}</td>
  </tr>`;
}

function operational(row: FleetRow): Html {
  if (row.operational.length === 0) return html`<span class="muted">nobody</span>`;
  const names = row.operational.join(", ");
  return row.status.health === "unknown" ? html`<span class="muted">${names}, when last heard</span>` : html`${names}`;
}

function nodesUp(row: FleetRow): Html {
  const { nodes, health } = row.status;
  const dots = nodes.map((node) => html`<i class="${isAlive(node) ? "on" : node.condition === "unknown" ? "unknown" : "off"}"></i>`);
  const count = health === "unknown" ? "?" : row.nodesUp;
  return html`<span class="nodes-up number">${count} of ${nodes.length} <span class="dots" aria-hidden="true">${dots}</span></span>`;
}
