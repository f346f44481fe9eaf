import { html } from "hono/html";
import type { ClusterStatus } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { Html } from "../pages/markup.ts";
import { linkArrow } from "./link-arrow.ts";
import { nodeCircle } from "./node-circle.ts";
import { ringLayout } from "./ring-geometry.ts";
import { ringInWords } from "./ring-words.ts";

/** The cluster as it is now: who is there, who is operational, who synchronises with whom. The same in words for those who cannot see it. */
export function ringPicture(status: ClusterStatus): Html {
  const { nodes, ring } = status;
  const layout = ringLayout(nodes.length);
  const centreOf = (nodeId: string) => layout.centres[nodes.findIndex((node) => node.nodeId === nodeId)];
  const arrows = ring.map((link) => {
    const [from, to, expected] = [centreOf(link.from), centreOf(link.to), centreOf(link.expected)];
    // A partner that the document does not name any more: the next report will tell another.
    if (from === undefined || to === undefined || expected === undefined || from === to) return "";
    return linkArrow(link, { from, to, expected }, layout.radius, nodes.length);
  });
  const circles = nodes.map((node, index) => {
    const centre = layout.centres[index];
    return centre === undefined ? "" : nodeCircle(node, status.groups, centre, layout.radius);
  });
  return html`<svg class="ring-picture" viewBox="0 0 ${layout.width} ${Math.ceil(layout.height)}" role="img" aria-labelledby="ring-title ring-words">
    <title id="ring-title">Ring of the cluster</title>
    <desc id="ring-words">${ringInWords(status)}</desc>
    <g class="links">${arrows}</g>
    <g class="nodes">${circles}</g>
  </svg>`;
}

export function ringLegend(): Html {
  return html`<ul class="legend">
    <li>${legendLine("expected")}with its expected partner</li>
    <li>${legendLine("bypass")}with another node</li>
    <li>${legendLine("none")}with nobody</li>
    <li>${legendLine("idle")}not ready</li>
  </ul>`;
}

function legendLine(condition: string): Html {
  return html`<svg viewBox="0 0 34 8" aria-hidden="true"><path class="link link-${condition}" d="M1 4h32" /></svg>`;
}
