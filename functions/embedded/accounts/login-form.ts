import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import type Provider from "oidc-provider";
import { errors } from "oidc-provider";
import { loginCard, loginFailedPage } from "../../console/login/login-pages.ts";
import type { Html } from "../../console/pages/markup.ts";
import type { Shell } from "../../console/pages/shell.ts";
import { securityHeaders } from "../../console/security-headers.ts";
import { type AccountFile, emailLengthMax, passwordLengthMax } from "./account-file.ts";
import { LoginThrottle } from "./login-throttle.ts";

interface Env {
  Bindings: HttpBindings;
}

export interface LoginFormOptions {
  readonly provider: Provider;
  readonly accounts: AccountFile;
  readonly shell: Shell;
  /** Where the form lies, with `:uid` at its end. */
  readonly path: string;
  readonly nowMs: () => number;
}

/**
 * The issuer's own page: e-mail address and password. The interaction's number stands in the address and in a cookie for that address
 * alone, so another site can neither guess nor send the form.
 */
export function loginForm(options: LoginFormOptions): Hono<Env> {
  const { provider, accounts, shell, path, nowMs } = options;
  const byEmail = new LoginThrottle(5);
  const byAddress = new LoginThrottle(30);
  const app = new Hono<Env>();
  app.use(securityHeaders(), bodyLimit({ maxSize: 8_192 }));

  app.get(path, async (c) => {
    c.header("Cache-Control", "no-store");
    await provider.interactionDetails(c.env.incoming, c.env.outgoing);
    return c.html(formPage(shell, c.req.path, null));
  });

  app.post(path, async (c) => {
    c.header("Cache-Control", "no-store");
    await provider.interactionDetails(c.env.incoming, c.env.outgoing);
    const { email, password } = await credentialsOf(c);
    const again = (problem: string, status: 401 | 429) => c.html(formPage(shell, c.req.path, { email, problem }), status);

    const address = c.env.incoming.socket.remoteAddress ?? "";
    const name = email.toLowerCase();
    const waitMs = Math.max(byEmail.waitMs(name, nowMs()), byAddress.waitMs(address, nowMs()));
    if (waitMs > 0) return again(`Too many wrong passwords. Try again in ${Math.ceil(waitMs / 1_000)} seconds.`, 429);
    // Counted before the slow check, and taken back after it: a hundred guesses sent at once are no way round.
    byEmail.failed(name, nowMs());
    byAddress.failed(address, nowMs());
    const account = await accounts.verify(email, password);
    if (account === undefined) return again("E-mail address or password is wrong.", 401);
    byEmail.succeeded(name);
    byAddress.succeeded(address);
    const result = { login: { accountId: account.accountId } };
    return c.redirect(await provider.interactionResult(c.env.incoming, c.env.outgoing, result), 303);
  });

  app.onError((error, c) => {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    return c.html(loginFailedPage(shell, "This login has expired.", "Log in again."), 400);
  });
  return app;
}

async function credentialsOf(c: Context): Promise<{ readonly email: string; readonly password: string }> {
  const { email, password } = await c.req.parseBody();
  return { email: textOf(email, emailLengthMax).trim(), password: textOf(password, passwordLengthMax) };
}

/** One character over the limit is kept, so that what is too long stays wrong. */
function textOf(field: unknown, lengthMax: number): string {
  return typeof field === "string" ? field.slice(0, lengthMax + 1) : "";
}

function formPage(shell: Shell, action: string, again: { readonly email: string; readonly problem: string } | null): Html {
  const [onEmail, onPassword] = again === null ? ["autofocus", ""] : ["", "autofocus"];
  return loginCard(
    shell,
    "Log in",
    html`<h1>Log in</h1>
      ${again === null ? "" : html`<p class="notice notice-bad" role="alert">${again.problem}</p>`}
      <form method="post" action="${action}">
        <label>E-mail address <input type="email" name="email" value="${again?.email ?? ""}" required maxlength="${emailLengthMax}" autocomplete="username" ${onEmail}></label>
        <label>Password <input type="password" name="password" required maxlength="${passwordLengthMax}" autocomplete="current-password" ${onPassword}></label>
        <button type="submit" class="wide">Log in</button>
      </form>`,
  );
}
