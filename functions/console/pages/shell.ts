import { html } from "hono/html";
import type { AssetName } from "../asset-files.ts";
import { may, mayAsProvider, type Session } from "../session.ts";
import { brandMark, themeIcon } from "./icons.ts";
import type { Html } from "./markup.ts";

/** What every page needs, whatever it shows. */
export interface Shell {
  /** Address of a file that the console serves, with its content's hash: browsers may keep it for ever. */
  readonly assetUrl: (name: AssetName) => string;
}

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** The bare document: head, and whatever body. */
export function document(shell: Shell, page: { readonly title: string; readonly body: Html }): Html {
  const { assetUrl } = shell;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="htmx-config" content='{"includeIndicatorCSS":false,"history":false,"defaultTimeout":8000}'>
<title>${page.title} · Understudy</title>
<link rel="icon" type="image/svg+xml" href="${assetUrl("favicon.svg")}">
<link rel="preload" as="font" type="font/woff2" crossorigin href="/assets/inter-latin.woff2">
<link rel="stylesheet" href="${assetUrl("pico.css")}">
<link rel="stylesheet" href="${assetUrl("console.css")}">
<script src="${assetUrl("theme.js")}"></script>
<script src="${assetUrl("htmx.js")}" defer></script>
<script src="${assetUrl("console.js")}" defer></script>
</head>
<body>${page.body}</body>
</html>`;
}

/** A page of the console for somebody who is logged in. */
export function consolePage(
  shell: Shell,
  session: Session,
  page: { readonly title: string; readonly crumbs: readonly Crumb[]; readonly content: Html },
): Html {
  return document(shell, {
    title: page.title,
    body: html`<a class="skip" href="#main">Skip to content</a>
      <header class="top">
        <div class="frame top-row">
          <a class="brand" href="/">${brandMark()}<span>Understudy</span></a>
          <nav class="crumbs" aria-label="Where you are">
            <ol>${page.crumbs.map((crumb, index) => crumbItem(crumb, index === page.crumbs.length - 1))}</ol>
          </nav>
          <div class="top-actions">
            <span class="who" title="${session.email}">${session.email}</span>
            <button class="quiet icon-button" type="button" data-toggle-theme aria-label="Switch between light and dark">${themeIcon()}</button>
            <form method="post" action="/logout">${csrfField(session)}<button class="quiet" type="submit">Log out</button></form>
          </div>
        </div>
      </header>
      <div class="lost" role="status" data-connection-lost hidden>
        Connection lost: this is the state of <time data-lost-since></time>. Trying again…
      </div>
      <main id="main" class="frame">${page.content}</main>
      ${may(session, "owner") ? places(session) : ""}`,
  });
}

/** Who may do what, and who did it: for owners alone. */
function places(session: Session): Html {
  return html`<footer class="frame"><nav class="places" aria-label="Administration">
    <a href="/users">Users</a><a href="/api-keys">API keys</a>${mayAsProvider(session) ? html`<a href="/audit">Audit log</a>` : ""}
  </nav></footer>`;
}

export function csrfField(session: Session): Html {
  return html`<input type="hidden" name="csrf" value="${session.csrfToken}">`;
}

function crumbItem(crumb: Crumb, last: boolean): Html {
  return last
    ? html`<li><a href="${crumb.href}" aria-current="page">${crumb.label}</a></li>`
    : html`<li><a href="${crumb.href}">${crumb.label}</a></li>`;
}
