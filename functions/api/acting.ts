import type { Context } from "hono";
import type { Actor } from "../../shared/domain/audit/audit-entry.ts";
import type { ApiDependencies, ApiEnv, Principal } from "./api-env.ts";
import type { Authenticated } from "./authenticate.ts";

/** Gives the handlers of a request what they act with: in its caller's name. */
export function enter(context: Context<ApiEnv>, dependencies: ApiDependencies, { principal, credential }: Authenticated): void {
  context.set("principal", principal);
  context.set("credential", credential);
  context.set("acting", { ...dependencies, actor: actorOf(principal, context.get("requestId")) });
}

export function actorOf({ kind, id, name }: Principal, requestId: string): Actor {
  return { kind: kind === "session" ? "person" : kind, id, name, requestId };
}
