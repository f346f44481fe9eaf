import type { Context } from "hono";
import type { Actor } from "../../shared/domain/audit/audit-entry.ts";
import { scopedStores } from "../store/scoped-stores.ts";
import type { ApiDependencies, ApiEnv, Principal } from "./api-env.ts";
import type { Authenticated } from "./authenticate.ts";

/** Gives the handlers of a request what they act with: in its caller's name, and with the stores as far as the caller may see. */
export function enter(context: Context<ApiEnv>, dependencies: ApiDependencies, { principal, credential }: Authenticated): void {
  context.set("principal", principal);
  context.set("credential", credential);
  const stores = scopedStores(dependencies.stores, principal.access.customers);
  context.set("acting", { ...dependencies, stores, actor: actorOf(principal, context.get("requestId")) });
}

export function actorOf({ kind, id, name }: Principal, requestId: string): Actor {
  return { kind: kind === "session" ? "person" : kind, id, name, requestId };
}
