import { html } from "hono/html";
import type { Html } from "./markup.ts";

/** Where a long list goes on. Nothing where all of it is on one page. `href`: of a page, from 1. */
export function pager({ page, pages }: { readonly page: number; readonly pages: number }, href: (page: number) => string): Html {
  if (pages === 1) return html``;
  const previous = page > 1 ? html`<a href="${href(page - 1)}" rel="prev">Previous</a>` : html`<span class="muted">Previous</span>`;
  const next = page < pages ? html`<a href="${href(page + 1)}" rel="next">Next</a>` : html`<span class="muted">Next</span>`;
  return html`<nav class="pager number" aria-label="Pages">${previous} <span>Page ${page} of ${pages}</span> ${next}</nav>`;
}
