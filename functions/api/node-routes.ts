import type { OpenAPIHono } from "@hono/zod-openapi";
import { dryRunQuerySchema, enrolledSchema, enrolSchema, patchNodeSchema } from "../../shared/protocol/api-contract.ts";
import { nodeChange } from "../use-cases/change-node.ts";
import { enrolNode } from "../use-cases/enrol-node.ts";
import { nodeRemoval } from "../use-cases/remove-node.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { answer, answers, jsonBody, nodePath, versionFromIfMatch } from "./route-parts.ts";

const tags = ["nodes"];

const enrol = apiRoute({
  method: "post",
  path: "/v1/enrol",
  "x-access": "public",
  tags,
  summary: "Enrol a node with a join token",
  description: "The one route without a sign-in: the token is the proof. Idempotent for the same token and certificate.",
  request: { body: jsonBody(enrolSchema) },
  responses: answers(201, "the node's identity and the cluster document that names it", enrolledSchema),
});
const remove = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/nodes/{nodeId}",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Remove a node or the witness: from then on its certificate is nobody's",
  description:
    "With dryRun nothing is changed, and what would follow is said: votes and quorum, groups that it runs, changes that it alone has, streams, licences. If-Match is optional.",
  request: { params: nodePath, query: dryRunQuerySchema },
  responses: changeAnswers,
});

const change = apiRoute({
  method: "patch",
  path: "/v1/clusters/{clusterId}/nodes/{nodeId}",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Another name or other addresses of a node, while everything runs",
  description:
    "The machine must have a new address before the others are told of it; the agent listens there by itself, and its settings follow before its next start. With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: { params: nodePath, query: dryRunQuerySchema, body: jsonBody(patchNodeSchema) },
  responses: changeAnswers,
});

export function nodeRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(enrol, async (c) => answer(c, enrolledSchema, 201, await enrolNode(c.get("acting"), c.req.valid("json"))));
  api.openapi(change, async (c) => {
    const { clusterId, nodeId } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: nodeChange(nodeId, c.req.valid("json")),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(remove, async (c) => {
    const { clusterId, nodeId } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: nodeRemoval(nodeId),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
}
