import { html } from "hono/html";
import type { GroupStatus } from "../../../shared/domain/monitoring/group-status.ts";
import { isAlive, type NodeStatus } from "../../../shared/domain/monitoring/node-status.ts";
import { shapeOf, type Tone } from "../pages/icons.ts";
import type { Html } from "../pages/markup.ts";
import { behindOf, groupsHeldBy, shortened, snapshotOf, standingWord, toneOfStanding } from "../pages/node-words.ts";
import type { Point } from "./ring-geometry.ts";

const largestNamePx = 14.5;
const smallestNamePx = 10;

/** Name, standing and state in the circle; the groups that it holds below it, what it has not applied yet above it. */
export function nodeCircle(node: NodeStatus, groups: readonly GroupStatus[], centre: Point, radius: number): Html {
  const held = groupsHeldBy(node.nodeId, groups);
  const tone = toneOfStanding(node, groups);
  const snapshot = snapshotOf(node);
  const behind = behindOf(node);
  const large = radius > 50;
  const name = fittedName(node.name, radius);
  const look = !isAlive(node) ? "away" : held.length > 0 ? "operational" : "standby";
  return html`<g id="node-${node.nodeId}" class="node node-${look} node-tone-${tone}" transform="translate(${centre.x.toFixed(1)} ${centre.y.toFixed(1)})">
    <title>${node.name}: ${standingWord(node, groups)}; ${node.reason}</title>
    <circle class="node-face" r="${radius}" />
    ${snapshot === null ? "" : progressArc(snapshot.part, radius)}
    <g class="node-icon tone-${tone}" transform="translate(${-8} ${large ? -35 : -29})">${nodeShape(tone)}</g>
    <text class="node-name" font-size="${name.fontSize}" y="${large ? 2 : 3}">${name.text}</text>
    <text class="node-standing" y="${large ? 20 : 18}">${snapshot === null ? standingWord(node, groups) : `${large ? "receiving " : ""}${snapshot.percent} %`}</text>
    ${behind === 0 ? "" : pill("pill-behind", `${behind} behind`, -radius)}
    ${held.length === 0 ? "" : pill("pill-group", groupPillText(held), radius)}
  </g>`;
}

/** As large as fits; a name that does not fit at all loses its middle, for it is the ends by which names of a site differ. */
function fittedName(name: string, radius: number): { readonly text: string; readonly fontSize: string } {
  const widthPerEm = 0.56;
  const space = 2 * radius - 12;
  const text = shortened(name, Math.floor(space / (smallestNamePx * widthPerEm)));
  const fontSize = Math.min(largestNamePx, space / (Array.from(text).length * widthPerEm));
  return { text, fontSize: fontSize.toFixed(1) };
}

function nodeShape(tone: Tone): Html {
  return html`<g class="icon">${shapeOf(tone)}</g>`;
}

/** Clockwise from the top, over a faint full circle. */
function progressArc(part: number, radius: number): Html {
  return html`<circle class="arc-track" r="${radius + 8}" />
    <circle class="arc" r="${radius + 8}" pathLength="100" stroke-dasharray="${(part * 100).toFixed(1)} 100" transform="rotate(-90)" />`;
}

function pill(kind: string, text: string, y: number): Html {
  const half = text.length * 3.4 + 10;
  return html`<g class="pill ${kind}" transform="translate(0 ${y})">
    <rect x="${(-half).toFixed(1)}" y="-11" width="${(half * 2).toFixed(1)}" height="22" rx="11" /><text y="4">${text}</text>
  </g>`;
}

function groupPillText(held: readonly string[]): string {
  const [first = "", ...rest] = held;
  return shortened(first, 16) + (rest.length === 0 ? "" : ` +${rest.length}`);
}
