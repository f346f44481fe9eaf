import { useApiKey } from "../use-cases/api-keys.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiDependencies, Principal } from "./api-env.ts";

const harmless: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export interface Authenticated {
  readonly principal: Principal;
  readonly credential: string;
}

/** Who calls: by a bearer API key, or by the session of somebody signed in at the console. Refuses everybody else. */
export async function authenticate(dependencies: ApiDependencies, request: Request): Promise<Authenticated> {
  const authenticated = await principalOf(dependencies, request);
  if (authenticated !== undefined) return authenticated;
  throw new Refusal("not-signed-in", "this needs a sign-in", "Send an API key as `Authorization: Bearer KEY`, or sign in at the console.");
}

async function principalOf(dependencies: ApiDependencies, request: Request): Promise<Authenticated | undefined> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const secret = /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await useApiKey(dependencies, secret);
    if (secret === undefined || key === undefined) return undefined;
    const { keyId: id, name, access, expiresAt } = key;
    return { principal: { kind: "api-key", id, name, access, expiresAt }, credential: secret };
  }
  const person = await dependencies.session?.(request);
  if (person === undefined) return undefined;
  const { userId: id, email: name, access, csrfToken } = person;
  return { principal: { kind: "session", id, name, access, expiresAt: null }, credential: csrfToken };
}

/**
 * For whoever calls by the console's session. A browser sends its cookie along with what any page makes it send; only the console's own pages may change things with
 * it.
 */
export function refuseForeignPage(request: Request): void {
  if (harmless.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const ours = site === null ? origin === new URL(request.url).origin : site === "same-origin";
  if (!ours) throw new Refusal("forbidden", "this request came from another site's page", "Use the console's own pages, or an API key.");
}
