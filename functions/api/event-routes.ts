import type { OpenAPIHono } from "@hono/zod-openapi";
import { eventPageSchema, eventQuerySchema } from "../../shared/protocol/api-contract.ts";
import { listEvents } from "../use-cases/list-events.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath } from "./route-parts.ts";

const list = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/events",
  "x-access": { role: "viewer", reach: "customer" },
  tags: ["events"],
  summary: "The cluster's timeline, newest first, page by page",
  request: { params: clusterPath, query: eventQuerySchema },
  responses: answers(200, "a page of events; next leads to the one before", eventPageSchema),
});

export function eventRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(list, async (c) => {
    const page = await listEvents(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("query"));
    return answer(c, eventPageSchema, 200, page);
  });
}
