import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  consequencesSchema,
  createJoinTokenSchema,
  dryRunQuerySchema,
  joinTokenListSchema,
  joinTokenPathSchema,
  joinTokenSchema,
} from "../../shared/protocol/api-contract.ts";
import { createJoinToken } from "../use-cases/create-join-token.ts";
import { listJoinTokens, withdrawJoinToken } from "../use-cases/join-tokens.ts";
import { previewJoinToken, previewTokenWithdrawal } from "../use-cases/preview-join-token.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath, jsonBody } from "./route-parts.ts";

const tags = ["nodes"];

const create = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/join-tokens",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Make a token that enrols one node or the witness, once",
  description: "With dryRun none is made, and what would become of who joins with it is said.",
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(createJoinTokenSchema) },
  responses: {
    ...answers(201, "the token: it is shown here and never again", joinTokenSchema),
    ...answers(200, "with dryRun: what would follow", consequencesSchema),
  },
});
const list = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/join-tokens",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "The tokens that a node may still join with, the first to expire first",
  request: { params: clusterPath },
  responses: answers(200, "the tokens, by the hashes of their secrets", joinTokenListSchema),
});
const withdraw = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/join-tokens/{tokenId}",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Withdraw a join token that no node has claimed: nobody joins with it any more",
  description: "With dryRun nothing is withdrawn, and what would follow is said.",
  request: { params: joinTokenPathSchema, query: dryRunQuerySchema },
  responses: answers(200, "the tokens that are left; with dryRun what would follow", z.union([joinTokenListSchema, consequencesSchema])),
});

export function joinTokenRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(create, async (c) => {
    const [acting, { clusterId }, request] = [c.get("acting"), c.req.valid("param"), c.req.valid("json")];
    if (c.req.valid("query").dryRun) return answer(c, consequencesSchema, 200, await previewJoinToken(acting, clusterId, request));
    return answer(c, joinTokenSchema, 201, await createJoinToken(acting, clusterId, request));
  });
  api.openapi(list, async (c) =>
    answer(c, joinTokenListSchema, 200, { tokens: await listJoinTokens(c.get("acting"), c.req.valid("param").clusterId) }),
  );
  api.openapi(withdraw, async (c) => {
    const { clusterId, tokenId } = c.req.valid("param");
    if (c.req.valid("query").dryRun) {
      return answer(c, consequencesSchema, 200, await previewTokenWithdrawal(c.get("acting"), clusterId, tokenId));
    }
    await withdrawJoinToken(c.get("acting"), clusterId, tokenId);
    return answer(c, joinTokenListSchema, 200, { tokens: await listJoinTokens(c.get("acting"), clusterId) });
  });
}
