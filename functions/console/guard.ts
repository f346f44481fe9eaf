import { randomUUID, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { ConsoleData, ConsoleSource } from "./console-data.ts";
import type { Session, Sessions } from "./session.ts";

/** What the routes behind the login may count on. */
export interface ConsoleEnv {
  Variables: {
    session: Session;
    /** What this visitor may see and change, in their name. */
    data: ConsoleData;
  };
}

/** Nobody gets past without a session: pages lead to the login, polls are told to go there. */
export function requireSession(sessions: Sessions, source: ConsoleSource): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const session = await sessions.readSession(c.req.header("cookie"));
    if (session === null) {
      if (c.req.header("hx-request") !== undefined)
        return c.body(null, 401, { "HX-Redirect": loginAndBack(c.req.header("hx-current-url")) });
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(c.req.method === "GET" ? `/login?next=${encodeURIComponent(pathname + search)}` : "/login", 303);
    }
    c.set("session", session);
    c.set("data", source.for(session, randomUUID()));
    c.header("Cache-Control", "private, no-store");
    await next();
  };
}

/** From a poll whose session has ended, to the login and then to the page that was open. */
function loginAndBack(pageUrl: string | undefined): string {
  const page = URL.parse(pageUrl ?? "");
  return page === null ? "/login" : `/login?next=${encodeURIComponent(page.pathname + page.search)}`;
}

/** A form counts only with its session's token in it: the browser sends cookies for any page, the token only our own page knows. */
export function requireCsrfToken(): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return next();
    const { csrf } = await c.req.parseBody();
    if (typeof csrf !== "string" || !sameText(csrf, c.get("session").csrfToken)) {
      return c.text("This form does not belong to your session. Go back, reload the page, and send it again.", 403);
    }
    return next();
  };
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
