import { handle } from "hono/aws-lambda";
import { apiApp } from "./api-app.ts";
import type { ApiDependencies } from "./api-env.ts";

/**
 * The API behind API Gateway: the same app as in the embedded cloud. Retried by the caller: reads, changes with If-Match, removals and enrolment are
 * harmless to repeat; so is any other POST with an Idempotency-Key, without which what adds a customer, cluster, licence or token adds another.
 */
export function apiHandler(dependencies: ApiDependencies) {
  return handle(apiApp(dependencies));
}
