import type { OpenAPIHono } from "@hono/zod-openapi";
import { dryRunQuerySchema, groupPathSchema, putGroupSchema } from "../../shared/protocol/api-contract.ts";
import { groupChange, groupRemoval } from "../use-cases/change-group.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { jsonBody, requiredVersion } from "./route-parts.ts";

const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/groups/{group}",
  "x-access": { role: "operator", reach: "customer" },
  tags: ["groups"],
  summary: "Replace a priority group, or add it",
  description:
    "If-Match must carry the ETag of the cluster as it was read; a change in between is refused with the version that is there now as ETag. With dryRun nothing is changed, and what would follow is said.",
  request: { params: groupPathSchema, query: dryRunQuerySchema, body: jsonBody(putGroupSchema) },
  responses: changeAnswers,
});

const remove = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/groups/{group}",
  "x-access": { role: "operator", reach: "customer" },
  tags: ["groups"],
  summary: "Remove a priority group: what belongs to it stops where it runs, and nobody takes it over",
  description:
    "Refused while a data set or a trigger needs it, and always for the group default. If-Match as for its declaration. With dryRun nothing is changed, and what would follow is said.",
  request: { params: groupPathSchema, query: dryRunQuerySchema },
  responses: changeAnswers,
});

export function groupRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(put, async (c) => {
    const { clusterId, group } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: groupChange(c.get("acting"), { name: group, ...c.req.valid("json") }),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(remove, async (c) =>
    changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: groupRemoval(c.req.valid("param").group),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    }),
  );
}
