import { Hono } from "hono";
import { z } from "zod";
import type { Log } from "../../dependencies.ts";
import type { Shell } from "../pages/shell.ts";
import type { Sessions } from "../session.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import { loggedOutPage, loginFailedPage } from "./login-pages.ts";
import { SealedCookie } from "./sealed-cookie.ts";

export interface LoginDependencies {
  readonly identityProvider: IdentityProvider;
  readonly sessions: Sessions;
  /** Seals the cookie that remembers a login under way; 32 bytes. */
  readonly key: Uint8Array;
  readonly shell: Shell;
  readonly nowMs: () => number;
  readonly log: Log;
}

const attemptSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
const attemptLifetimeSeconds = 10 * 60;

export function loginRoutes(dependencies: LoginDependencies): Hono {
  const { identityProvider, sessions, shell, nowMs, log } = dependencies;
  const secure = identityProvider.publicUrl.protocol === "https:";
  const attempts = new SealedCookie(dependencies.key, { name: "understudy_login", lifetimeSeconds: attemptLifetimeSeconds, secure });
  const routes = new Hono();

  routes.get("/login", async (c) => {
    const next = localPath(c.req.query("next"));
    // The issuer sends the browser back to the public address: cookies must be set there, not on another name of the same machine.
    if (new URL(c.req.url).host !== identityProvider.publicUrl.host) {
      return c.redirect(new URL(`/login?next=${encodeURIComponent(next)}`, identityProvider.publicUrl).href);
    }
    try {
      const { url, attempt } = await identityProvider.begin();
      c.header("Set-Cookie", await attempts.seal({ ...attempt, next }, nowMs()));
      return c.redirect(url.href);
    } catch (error) {
      log.error({ error: reasonOf(error) }, "the sign-in service does not answer");
      return c.html(loginFailedPage(shell, "The sign-in service does not answer.", "Wait a moment, then try again."), 503);
    }
  });

  routes.get("/login/callback", async (c) => {
    const attempt = attemptSchema.safeParse(await attempts.open(c.req.header("cookie"), nowMs()));
    c.header("Set-Cookie", attempts.clear());
    if (!attempt.success) {
      return c.html(loginFailedPage(shell, "This login has expired, or was begun in another browser.", "Log in again."), 400);
    }
    try {
      const identity = await identityProvider.finish(new URL(c.req.url), attempt.data);
      const session = await sessions.start(identity.userId);
      if (session === null) {
        log.warn({ userId: identity.userId }, "somebody logged in who is no user here");
        return c.html(loginFailedPage(shell, `${identity.email} has no access here.`, "Ask an owner to let you in."), 403);
      }
      c.header("Set-Cookie", session, { append: true });
      return c.redirect(attempt.data.next);
    } catch (error) {
      log.warn({ error: reasonOf(error) }, "a login was refused");
      return c.html(loginFailedPage(shell, "The login was not completed.", "Log in again."), 400);
    }
  });

  routes.get("/logged-out", (c) => c.html(loggedOutPage(shell)));
  return routes;
}

/** Only a path of this console: never another site that a link has smuggled in. */
export function localPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.startsWith("/login")) return "/";
  return next;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
