import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { errorResponse } from "./error-response.ts";
import { gate } from "./gate.ts";
import { idempotency } from "./idempotency.ts";
import { noteRefusals } from "./note-refusals.ts";
import { openApiRoute } from "./openapi-document.ts";
import { bodyBytesMax } from "./route-parts.ts";

/** Adds its routes. They have nothing to act with but what the gate gives each request: `c.get("acting")`. */
export type RoomOfTheApi = (api: OpenAPIHono<ApiEnv>) => void;

/** Some rooms of the API behind its one door: limits, the gate, repeats, and the form of every error. */
export function roomApp(dependencies: ApiDependencies, rooms: readonly RoomOfTheApi[]): OpenAPIHono<ApiEnv> {
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
  api.use(noteRefusals(dependencies));
  api.use(bodyLimit({ maxSize: bodyBytesMax, onError: refuseBody }));
  api.use(gate(api, dependencies));
  api.use(idempotency(dependencies));

  for (const routes of rooms) routes(api);

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
