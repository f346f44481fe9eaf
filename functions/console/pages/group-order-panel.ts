import { html } from "hono/html";
import type { ClusterDocument, PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import { nameOfNode } from "../../../shared/domain/monitoring/observation.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { csrfField } from "./shell.ts";

/** Who comes first in each group: by dragging, or by keyboard with the arrows beside each name. Not in the live part, which would put everything back. */
export function groupOrderPanel(session: Session, document: ClusterDocument): Html {
  const groups = document.groups.filter(({ order }) => order.length > 1);
  if (groups.length === 0 || !may(session, "operator")) return html``;
  return html`<section class="card" id="group-order" aria-labelledby="group-order-title">
    <h2 id="group-order-title">Who comes first</h2>
    <p class="muted">Of the nodes that can, the first one in the list takes the group. A change moves nothing by itself, unless failback is automatic.</p>
    ${groups.map((group) => orderForm(session, document, group))}
  </section>`;
}

function orderForm(session: Session, { clusterId, version, nodes }: ClusterDocument, { name, order }: PriorityGroup): Html {
  return html`<form method="post" action="/clusters/${clusterId}/group-order">${csrfField(session)}
      <input type="hidden" name="version" value="${version}"><input type="hidden" name="group" value="${name}">
      <input type="hidden" name="order" value="${order.join(",")}" data-order>
      <p><span class="chip">${name}</span></p>
      <ol class="sortable" data-sortable aria-label="Order of group ${name}">${order.map((nodeId, index) => {
        const node = nameOfNode(nodes, nodeId);
        return html`<li draggable="true" data-id="${nodeId}"><span class="grip" aria-hidden="true">⠿</span><span class="order-name">${node}</span>
          <button type="submit" class="quiet" name="move" value="${nodeId}:up" aria-label="Move ${node} up in ${name}"${index === 0 ? html` disabled` : ""}>↑</button>
          <button type="submit" class="quiet" name="move" value="${nodeId}:down" aria-label="Move ${node} down in ${name}"${index === order.length - 1 ? html` disabled` : ""}>↓</button></li>`;
      })}</ol>
      <p class="visually-hidden" role="status" data-moved></p>
      <button type="submit">Save the order</button>
    </form>`;
}
