import { handle } from "hono/aws-lambda";
import { apiApp } from "./api-app.ts";
import type { ApiDependencies } from "./api-env.ts";

/** The API behind API Gateway: the same app as in the embedded cloud. Retried by the caller; every route is idempotent or conditional. */
export function apiHandler(dependencies: ApiDependencies) {
  return handle(apiApp(dependencies));
}
