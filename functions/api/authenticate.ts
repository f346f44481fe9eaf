import { useApiKey } from "../use-cases/api-keys.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiDependencies, Principal } from "./api-env.ts";

const harmless: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Who calls: by a bearer API key, or by the session of somebody signed in at the console. Refuses everybody else. */
export async function authenticate(dependencies: ApiDependencies, request: Request): Promise<Principal> {
  const principal = await principalOf(dependencies, request);
  if (principal !== undefined) return principal;
  throw new Refusal("not-signed-in", "this needs a sign-in", "Send an API key as `Authorization: Bearer KEY`, or sign in at the console.");
}

async function principalOf(dependencies: ApiDependencies, request: Request): Promise<Principal | undefined> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const secret = /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await useApiKey(dependencies, secret);
    return key === undefined ? undefined : { kind: "api-key", id: key.keyId, name: key.name, access: key.access, expiresAt: key.expiresAt };
  }
  const person = await dependencies.session?.(request);
  if (person === undefined) return undefined;
  refuseForeignPage(request);
  return { kind: "session", id: person.userId, name: person.email, access: person.access, expiresAt: null };
}

/** A browser sends the console's cookie along with what any page makes it send; only the console's own pages may change things with it. */
function refuseForeignPage(request: Request): void {
  if (harmless.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const ours = site === null ? origin === new URL(request.url).origin : site === "same-origin";
  if (!ours) throw new Refusal("forbidden", "this request came from another site's page", "Use the console's own pages, or an API key.");
}
