import type { MiddlewareHandler } from "hono";
import { findApiKey } from "../use-cases/api-keys.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiDependencies, ApiEnv, Principal } from "./api-env.ts";

/** Everything else, known or unknown, is refused to whoever is not signed in. */
const publicRoutes: ReadonlySet<string> = new Set(["POST /v1/enrol", "GET /v1/openapi.json"]);

const harmless: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** The one place that decides who may call: a bearer API key, or the session of somebody signed in at the console. */
export function authenticate(dependencies: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    if (publicRoutes.has(`${context.req.method} ${context.req.path}`)) return next();
    const principal = await principalOf(dependencies, context.req.raw);
    if (principal === undefined) {
      throw new Refusal(
        "not-signed-in",
        "this needs a sign-in",
        "Send an API key as `Authorization: Bearer KEY`, or sign in at the console.",
      );
    }
    if (principal.role === "viewer" && !harmless.has(context.req.method)) {
      throw new Refusal("forbidden", "your account may look at everything and change nothing", "Ask an administrator.");
    }
    context.set("principal", principal);
    return next();
  };
}

async function principalOf(dependencies: ApiDependencies, request: Request): Promise<Principal | undefined> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const key = /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1];
    const known = key === undefined ? undefined : await findApiKey(dependencies, key);
    return known === undefined ? undefined : { kind: "api-key", role: "administrator", name: known.name };
  }
  const person = await dependencies.session?.(request);
  if (person === undefined) return undefined;
  refuseForeignPage(request);
  return { kind: "session", role: person.role, name: person.email };
}

/** A browser sends the console's cookie along with what any page makes it send; only the console's own pages may change things with it. */
function refuseForeignPage(request: Request): void {
  if (harmless.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const ours = site === null ? origin === new URL(request.url).origin : site === "same-origin";
  if (!ours) throw new Refusal("forbidden", "this request came from another site's page", "Use the console's own pages, or an API key.");
}
