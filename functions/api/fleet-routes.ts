import type { OpenAPIHono } from "@hono/zod-openapi";
import { actOnClustersSchema, bulkOutcomesSchema, fleetPageSchema, fleetQuerySchema } from "../../shared/protocol/fleet-contract.ts";
import { actOnClusters, refusedAmong } from "../use-cases/act-on-clusters.ts";
import { listClusters } from "../use-cases/list-clusters.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, jsonBody } from "./route-parts.ts";

const tags = ["fleet"];

const list = apiRoute({
  method: "get",
  path: "/v1/clusters",
  "x-access": { role: "viewer", reach: "own" },
  tags,
  summary: "The clusters of all customers of the caller, page by page: how each is and why, its incidents, its licences",
  request: { query: fleetQuerySchema },
  responses: answers(200, "a page of clusters; next leads to the one after", fleetPageSchema),
});
const act = apiRoute({
  method: "post",
  path: "/v1/bulk-actions",
  "x-access": { role: "operator", reach: "own" },
  tags,
  summary: "Do the same for many clusters: plan maintenance, acknowledge what is open, subscribe to their customers' alerts",
  description:
    "Each cluster has its own entry in the audit log and its own outcome; what is refused for one does not keep the others waiting.",
  request: { body: jsonBody(actOnClustersSchema) },
  responses: answers(200, "what became of each cluster", bulkOutcomesSchema),
});

export function fleetRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(list, async (c) =>
    answer(c, fleetPageSchema, 200, await listClusters(c.get("acting"), c.get("principal").access, c.req.valid("query"))),
  );
  api.openapi(act, async (c) => {
    const { clusterIds, action } = c.req.valid("json");
    const outcomes = await actOnClusters(c.get("acting"), c.get("principal").access, clusterIds, action);
    const refused = refusedAmong(outcomes);
    if (refused !== null) c.set("refused", refused);
    return answer(c, bulkOutcomesSchema, 200, { outcomes });
  });
}
