import { html } from "hono/html";
import type { RingLink } from "../../../shared/domain/monitoring/ring-status.ts";
import type { Html } from "../pages/markup.ts";
import { arrivalAngle, arrowBetween, type Curve, type Point, pointOn } from "./ring-geometry.ts";

export interface LinkEnds {
  readonly from: Point;
  readonly to: Point;
  /** Where it should end: the way that is bypassed stays visible, faintly. */
  readonly expected: Point;
}

/** Solid: the expected partner. Dashed: another one. Dotted with a cross: nobody. Faint: nothing to judge. */
export function linkArrow(link: RingLink, ends: LinkEnds, radius: number, nodeCount: number): Html {
  const aside = link.to !== link.expected;
  const bend = nodeCount === 2 ? 34 : aside ? 14 : 20;
  const curve = arrowBetween(ends.from, ends.to, radius, bend);
  const middle = pointOn(curve, 0.5);
  const { end } = curve;
  const head = `translate(${fixed(end.x)} ${fixed(end.y)}) rotate(${fixed(arrivalAngle(curve))})`;
  return html`<g id="link-${link.from}" class="link-group link-group-${link.condition}">
    ${aside ? html`<path class="link link-idle" d="${pathOf(arrowBetween(ends.from, ends.expected, radius, 20))}" />` : ""}
    <path class="link link-${link.condition}" d="${pathOf(curve)}" />
    <path class="link-head" transform="${head}" d="M6 0-5-5.5-2.5 0-5 5.5Z" />
    ${link.condition === "none" ? cross(middle) : link.condition === "idle" ? "" : lagLabel(link, middle)}
  </g>`;
}

function pathOf({ start, control, end }: Curve): string {
  return `M${fixed(start.x)} ${fixed(start.y)}Q${fixed(control.x)} ${fixed(control.y)} ${fixed(end.x)} ${fixed(end.y)}`;
}

function cross({ x, y }: Point): Html {
  return html`<g class="link-cross" transform="translate(${fixed(x)} ${fixed(y)})"><circle r="11" /><path d="m-4-4 8 8m0-8-8 8" /></g>`;
}

/** What nobody but this node has yet: the changes at risk if it fails now. */
function lagLabel(link: RingLink, { x, y }: Point): Html {
  if (link.unacknowledged === 0) return html``;
  const text = `${link.unacknowledged} unacknowledged`;
  const half = text.length * 3.2 + 9;
  return html`<g class="link-label" transform="translate(${fixed(x)} ${fixed(y)})">
    <title>${text}; the oldest for ${Math.round(link.oldestAgeMs)} ms</title>
    <rect x="${fixed(-half)}" y="-10" width="${fixed(half * 2)}" height="20" rx="10" />
    <text y="4">${text}</text>
  </g>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
