import { html } from "hono/html";
import { brandMark } from "../pages/icons.ts";
import type { Html } from "../pages/markup.ts";
import { document, type Shell } from "../pages/shell.ts";

export function loggedOutPage(shell: Shell): Html {
  return loginCard(
    shell,
    "Logged out",
    html`<h1>You are logged out</h1>
    <p class="muted">Your clusters go on protecting themselves.</p>
    <a class="button wide" href="/login">Log in again</a>`,
  );
}

export function loginFailedPage(shell: Shell, cause: string, nextStep: string): Html {
  return loginCard(
    shell,
    "Login failed",
    html`<h1>Login failed</h1>
    <p class="notice notice-bad" role="alert">${cause} ${nextStep}</p>
    <a class="button wide" href="/login">Log in</a>`,
  );
}

/** The one look of every page before the console itself. */
export function loginCard(shell: Shell, title: string, content: Html): Html {
  return document(shell, {
    title,
    body: html`<main class="login">
      <div class="login-brand">${brandMark()}<span>Understudy</span></div>
      <section class="card login-card">${content}</section>
      <p class="login-foot muted">High availability for on-prem servers</p>
    </main>`,
  });
}
