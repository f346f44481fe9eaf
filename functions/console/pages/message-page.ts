import { html } from "hono/html";
import type { Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { consolePage, type Shell } from "./shell.ts";

/** A refusal or a failure: what it is, and what to do next. */
export function messagePage(
  shell: Shell,
  session: Session,
  message: { readonly title: string; readonly text: string; readonly nextStep: string },
): Html {
  return consolePage(shell, session, {
    title: message.title,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: message.title, href: "" },
    ],
    content: html`<section class="card empty"><h1>${message.title}</h1><p>${message.text}</p><p>${message.nextStep}</p>
      <a class="button" href="/">Back to the fleet</a></section>`,
  });
}
