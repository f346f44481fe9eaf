import { html } from "hono/html";
import type { Html } from "./markup.ts";

/**
 * An instant, for machines in `datetime` and for people as UTC; assets/console.js turns it into the viewer's own zone. The server never
 * writes "3 minutes ago": the page would change with every second, and no poll could be answered with "nothing new".
 */
export function clockTime(at: string): Html {
  return html`<time datetime="${at}" data-format="clock" title="${at}" hx-morph-skip-children>${at.slice(11, 23)}</time>`;
}

/** Shown as "12 s ago", and counted on by the browser. */
export function relativeTime(at: string): Html {
  return html`<time datetime="${at}" data-format="relative" title="${at}" hx-morph-skip-children>${at.slice(0, 19).replace("T", " ")} UTC</time>`;
}

/** Shown as "for 12 s", and counted on by the browser. */
export function duration(since: string): Html {
  return html`<time datetime="${since}" data-format="duration" title="since ${since}" hx-morph-skip-children>since ${since.slice(0, 19).replace("T", " ")} UTC</time>`;
}

export function dayOf(at: string): Html {
  return html`<time datetime="${at}" data-format="day" hx-morph-skip-children>${at.slice(0, 10)}</time>`;
}

export function dateTime(at: string): Html {
  return html`<time datetime="${at}" data-format="date-time" title="${at}" hx-morph-skip-children>${at.slice(0, 16).replace("T", " ")} UTC</time>`;
}
