import { randomUUID, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { CallerRates } from "../use-cases/rate-limit.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ConsoleData, ConsoleSource } from "./console-data.ts";
import type { Session, Sessions } from "./session.ts";

/** What the routes behind the login may count on. */
export interface ConsoleEnv {
  Variables: {
    session: Session;
    /** Of this request, for the audit log. */
    requestId: string;
    /** The page or form as it is declared; absent where there is none. */
    asked: { readonly route: string; readonly parameters: Readonly<Record<string, string>> };
    /** Absent where nothing was refused. */
    refused: Refusal;
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
    c.set("requestId", randomUUID());
    c.set("data", source.for(session, c.get("requestId")));
    c.header("Cache-Control", "private, no-store");
    await next();
  };
}

/** From a poll whose session has ended, to the login and then to the page that was open. */
function loginAndBack(pageUrl: string | undefined): string {
  const page = URL.parse(pageUrl ?? "");
  return page === null ? "/login" : `/login?next=${encodeURIComponent(page.pathname + page.search)}`;
}

/** The same rates as at the API: whose session is used too often waits. */
export function limitCallers(rates: CallerRates): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const { userId: id, access } = c.get("session");
    rates.take({ id, access });
    await next();
  };
}

/** Whatever is refused to somebody who is signed in stands in the audit log when its answer leaves, as with the API. */
export function noteRefusals(source: ConsoleSource): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    await next();
    const { refused, asked = { route: c.req.method, parameters: {} } } = c.var as Partial<ConsoleEnv["Variables"]>;
    if (refused !== undefined)
      await source.noteRefused(c.get("session"), { ...asked, requestId: c.get("requestId"), path: c.req.path }, refused);
  };
}

/** A form counts only with its session's token in it: the browser sends cookies for any page, the token only our own page knows. */
export function requireCsrfToken(): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return next();
    const { csrf } = await c.req.parseBody();
    if (typeof csrf !== "string" || !sameText(csrf, c.get("session").csrfToken)) {
      const [what, nextStep] = ["This form does not belong to your session.", "Go back, reload the page, and send it again."];
      c.set("refused", new Refusal("forbidden", what, nextStep));
      return c.text(`${what} ${nextStep}`, 403);
    }
    return next();
  };
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
