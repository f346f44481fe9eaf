import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { Refusal } from "../use-cases/refusal.ts";
import { alertRoutes } from "./alert-routes.ts";
import { alertSettingsRoutes } from "./alert-settings-routes.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { availabilityRoutes } from "./availability-routes.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import { customerRoutes } from "./customer-routes.ts";
import { dataSetRoutes } from "./data-set-routes.ts";
import { errorResponse } from "./error-response.ts";
import { eventRoutes } from "./event-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { gate } from "./gate.ts";
import { groupRoutes } from "./group-routes.ts";
import { idempotency } from "./idempotency.ts";
import { incidentRoutes } from "./incident-routes.ts";
import { joinTokenRoutes } from "./join-token-routes.ts";
import { licenceRoutes } from "./licence-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import { openApiRoute } from "./openapi-document.ts";
import { bodyBytesMax } from "./route-parts.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { witnessRoutes } from "./witness-routes.ts";

const roomsOfTheApi = [
  customerRoutes,
  clusterRoutes,
  fleetRoutes,
  groupRoutes,
  dataSetRoutes,
  triggerRoutes,
  nodeRoutes,
  joinTokenRoutes,
  licenceRoutes,
  alertRoutes,
  alertSettingsRoutes,
  incidentRoutes,
  eventRoutes,
  availabilityRoutes,
  userRoutes,
  apiKeyRoutes,
  auditRoutes,
  witnessRoutes,
] as const;

/** The HTTP API of the control plane, all below `/v1`. The same app answers in the embedded cloud and on Lambda. */
export function apiApp(dependencies: ApiDependencies): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error.issues);
    },
  });
  api.use(async (context, next) => {
    context.set("requestId", randomUUID());
    context.header("x-request-id", context.get("requestId"));
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
    await next();
  });
  api.use(bodyLimit({ maxSize: bodyBytesMax, onError: refuseBody }));
  api.use(gate(api, dependencies));
  api.use(idempotency(dependencies));

  for (const routes of roomsOfTheApi) routes(api, dependencies);

  api.openAPIRegistry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer" });
  openApiRoute(api);
  api.onError((error, context) => errorResponse(context, error, dependencies.log));
  return api;
}

function invalidRequest(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): Refusal {
  const problems = issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
  return new Refusal(
    "invalid-request",
    "the request does not keep to the contract",
    "Correct everything listed under problems, and send it again.",
    { problems },
  );
}

function refuseBody(): never {
  throw new Refusal("body-too-large", `a request may carry at most ${bodyBytesMax} bytes`, "Send less in one request.");
}
