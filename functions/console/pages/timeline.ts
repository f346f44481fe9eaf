import { html } from "hono/html";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { Member } from "../../../shared/domain/membership/members.ts";
import type { ClusterEvent, Severity } from "../../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../../shared/domain/monitoring/describe-event.ts";
import { nameOfNode } from "../../../shared/domain/monitoring/observation.ts";
import type { EventPage } from "../../store/event-store.ts";
import { dotIcon, toneIcon } from "./icons.ts";
import type { Html } from "./markup.ts";
import { clockTime, dayOf } from "./moment.ts";

const iconOfSeverity: Readonly<Record<Severity, () => Html>> = {
  info: dotIcon,
  warning: () => toneIcon("warn"),
  critical: () => toneIcon("bad"),
};

export interface TimelinePlace {
  readonly clusterId: ClusterId;
  /** Where this page begins; null for the newest. */
  readonly from: string | null;
}

/** What happened, in words, newest first. */
export function timeline(page: EventPage, nodes: readonly Member[], place: TimelinePlace): Html {
  if (page.events.length === 0)
    return html`<p class="muted timeline-empty">Nothing has happened yet. Events appear here as the agents report them.</p>`;
  const days = Map.groupBy(page.events, (event) => event.at.slice(0, 10));
  return html`<div class="timeline" tabindex="0" role="region" aria-label="Events, newest first">${[...days.values()].map((events) => dayOfEvents(events, nodes))}</div>${pager(page, place)}`;
}

function dayOfEvents(events: readonly ClusterEvent[], nodes: readonly Member[]): Html {
  const [newest] = events;
  return html`<h3 class="day">${newest === undefined ? "" : dayOf(newest.at)}</h3>
    <ol class="events">${events.map((event) => eventItem(event, nodes))}</ol>`;
}

function eventItem(event: ClusterEvent, nodes: readonly Member[]): Html {
  const words = describeEvent(event.detail, event.reporter, (node) => nameOfNode(nodes, node));
  return html`<li class="event event-${event.severity}" id="event-${event.eventId}">
    ${clockTime(event.at)}
    ${iconOfSeverity[event.severity]()}
    <span class="event-words">${event.severity === "info" ? "" : html`<span class="visually-hidden">${event.severity}: </span>`}${words}</span>
  </li>`;
}

function pager(page: EventPage, place: TimelinePlace): Html {
  const here = `/clusters/${place.clusterId}`;
  if (page.next === undefined && place.from === null) return html``;
  return html`<nav class="pager" aria-label="Pages of the timeline">
    ${place.from === null ? "" : html`<a href="${here}#timeline">Newest</a>`}
    ${page.next === undefined ? html`<span class="muted">The beginning</span>` : html`<a href="${here}?from=${encodeURIComponent(page.next)}#timeline" rel="next">Older</a>`}
  </nav>`;
}
