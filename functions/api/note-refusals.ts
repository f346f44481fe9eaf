import type { MiddlewareHandler } from "hono";
import { RefusedRequests } from "../use-cases/refused-requests.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";

/**
 * Every request of somebody who is signed in, and that was refused, is in the audit log when its answer leaves. The answer that an idempotency key gets again is not
 * another attempt.
 */
export function noteRefusals(dependencies: ApiDependencies): MiddlewareHandler<ApiEnv> {
  const refusals = new RefusedRequests(dependencies, dependencies.listing);
  return async (context, next) => {
    await next();
    const { asked, refused } = context.var as Partial<ApiEnv["Variables"]>;
    if (asked !== undefined && refused !== undefined) await refusals.note(asked, refused);
  };
}
