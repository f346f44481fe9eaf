import type { OpenAPIHono } from "@hono/zod-openapi";
import { clusterSchema, groupPathSchema, putGroupSchema } from "../../shared/protocol/api-contract.ts";
import { changeGroup } from "../use-cases/change-group.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { clusterAnswer } from "./cluster-answer.ts";
import { answers, jsonBody, requiredVersion } from "./route-parts.ts";

const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/groups/{group}",
  "x-access": { role: "operator", reach: "customer" },
  tags: ["groups"],
  summary: "Replace a priority group, or add it",
  description:
    "If-Match must carry the ETag of the cluster as it was read; a change in between is refused with the version that is there now as ETag.",
  request: { params: groupPathSchema, body: jsonBody(putGroupSchema) },
  responses: answers(200, "the cluster with the group", clusterSchema),
});

export function groupRoutes(api: OpenAPIHono<ApiEnv>, dependencies: ApiDependencies): void {
  api.openapi(put, async (c) => {
    const target = { ...c.req.valid("param"), expectedVersion: requiredVersion(c) };
    const cluster = await changeGroup(c.get("acting"), target, c.req.valid("json"));
    return clusterAnswer(c, dependencies, cluster, 200);
  });
}
