import { html } from "hono/html";
import type { Health } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { Html } from "./markup.ts";

/** A state is told by colour, by word and by shape: nobody must tell red from green to read it. */
export type Tone = "ok" | "warn" | "bad" | "unknown" | "info";

export const toneOfHealth: Readonly<Record<Health, Tone>> = { ok: "ok", degraded: "warn", down: "bad", unknown: "unknown", empty: "info" };
export const wordOfHealth: Readonly<Record<Health, string>> = {
  ok: "OK",
  degraded: "Degraded",
  down: "Down",
  unknown: "Unknown",
  empty: "New",
};

/** Drawn in a box of 16 by 16. */
export function shapeOf(tone: Tone): Html {
  switch (tone) {
    case "ok":
      return html`<circle cx="8" cy="8" r="7.2" /><path class="glyph" d="M4.8 8.3 7 10.5 11.3 5.9" />`;
    case "warn":
      return html`<path d="M8 .9 15.5 14.4H.5Z" /><path class="glyph" d="M8 5.6v4.1M8 12v.1" />`;
    case "bad":
      return html`<path d="M5 .6h6L15.4 5v6L11 15.4H5L.6 11V5Z" /><path class="glyph" d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" />`;
    case "unknown":
      return html`<circle class="ring" cx="8" cy="8" r="6.6" /><path class="glyph" d="M6 6.4a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M8 11.6v.1" />`;
    case "info":
      return html`<circle class="ring" cx="8" cy="8" r="6.6" stroke-dasharray="2.6 2.6" /><path class="glyph" d="M8 5v6M5 8h6" />`;
  }
}

/** For what is neither good nor bad. */
export function dotIcon(): Html {
  return html`<svg class="icon dot" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="3.2" /></svg>`;
}

export function toneIcon(tone: Tone): Html {
  return html`<svg class="icon tone-${tone}" viewBox="0 0 16 16" aria-hidden="true">${shapeOf(tone)}</svg>`;
}

/** Shape and word together. */
export function badge(tone: Tone, word: string): Html {
  return html`<span class="badge badge-${tone}">${toneIcon(tone)}${word}</span>`;
}

/** Two figures, one behind the other: the one on stage, and its understudy. */
export function brandMark(): Html {
  return html`<svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="mark-ground" width="32" height="32" rx="8" />
    <circle class="mark-back" cx="20" cy="16" r="7" />
    <circle class="mark-front" cx="12.5" cy="16" r="7" />
  </svg>`;
}

export function themeIcon(): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <circle class="ring" cx="8" cy="8" r="6.2" /><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z" />
  </svg>`;
}
