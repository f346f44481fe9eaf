import type { OpenAPIHono } from "@hono/zod-openapi";
import { dryRunQuerySchema } from "../../shared/protocol/api-contract.ts";
import { approvalStandingSchema, putApprovalSchema } from "../../shared/protocol/approval-contract.ts";
import { approvalChange, readApproval } from "../use-cases/approvals.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { answer, answers, clusterPath, jsonBody, setVersionTag, versionFromIfMatch } from "./route-parts.ts";

const tags = ["approvals"];

const read = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/approval",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "Who has to approve dangerous changes of the cluster, and what waits for that",
  request: { params: clusterPath },
  responses: answers(200, "the approver and what waits; the document's version is the ETag", approvalStandingSchema),
});
const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/approval",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "An approver's signature for the cluster as it is now; with it, who is the approver from then on",
  description:
    "Made by understudy approver, on a machine of whoever has the key. It is taken where the approver before has signed it; the first one signs for himself, and with a key of null there is none any more. With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(putApprovalSchema) },
  responses: changeAnswers,
});

export function approvalRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(read, async (c) => {
    const standing = await readApproval(c.get("acting"), c.req.valid("param").clusterId);
    setVersionTag(c, standing.document.version);
    return answer(c, approvalStandingSchema, 200, standing);
  });
  api.openapi(put, async (c) => {
    return changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: approvalChange(c.req.valid("json")),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
}
