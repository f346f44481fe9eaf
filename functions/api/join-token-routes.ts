import type { OpenAPIHono } from "@hono/zod-openapi";
import { createJoinTokenSchema, joinTokenListSchema, joinTokenPathSchema, joinTokenSchema } from "../../shared/protocol/api-contract.ts";
import { createJoinToken } from "../use-cases/create-join-token.ts";
import { listJoinTokens, withdrawJoinToken } from "../use-cases/join-tokens.ts";
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
  request: { params: clusterPath, body: jsonBody(createJoinTokenSchema) },
  responses: answers(201, "the token: it is shown here and never again", joinTokenSchema),
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
  request: { params: joinTokenPathSchema },
  responses: answers(200, "the tokens that are left", joinTokenListSchema),
});

export function joinTokenRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(create, async (c) =>
    answer(c, joinTokenSchema, 201, await createJoinToken(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("json"))),
  );
  api.openapi(list, async (c) =>
    answer(c, joinTokenListSchema, 200, { tokens: await listJoinTokens(c.get("acting"), c.req.valid("param").clusterId) }),
  );
  api.openapi(withdraw, async (c) => {
    const { clusterId, tokenId } = c.req.valid("param");
    await withdrawJoinToken(c.get("acting"), clusterId, tokenId);
    return answer(c, joinTokenListSchema, 200, { tokens: await listJoinTokens(c.get("acting"), clusterId) });
  });
}
