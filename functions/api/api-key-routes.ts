import type { OpenAPIHono } from "@hono/zod-openapi";
import {
  apiKeyListSchema,
  apiKeyPathSchema,
  apiKeySchema,
  callerSchema,
  createApiKeySchema,
  createdApiKeySchema,
} from "../../shared/protocol/access-contract.ts";
import type { ApiKey } from "../store/api-key-store.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "../use-cases/api-keys.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, jsonBody } from "./route-parts.ts";

const tags = ["API keys"];

const whoAmI = apiRoute({
  method: "get",
  path: "/v1/me",
  "x-access": { role: "viewer", reach: "own" },
  tags,
  summary: "Who is calling, and what they may do",
  responses: answers(200, "the caller", callerSchema),
});
const create = apiRoute({
  method: "post",
  path: "/v1/api-keys",
  "x-access": { role: "owner", reach: "own" },
  tags,
  summary: "Make an API key",
  description: "Never with more than the caller has, nor for longer than the key that calls.",
  request: { body: jsonBody(createApiKeySchema) },
  responses: answers(201, "the key: its secret is shown here and never again", createdApiKeySchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/api-keys",
  "x-access": { role: "owner", reach: "own" },
  tags,
  summary: "The API keys that may do no more than the caller, oldest first",
  responses: answers(200, "the keys, without their secrets", apiKeyListSchema),
});
const revoke = apiRoute({
  method: "delete",
  path: "/v1/api-keys/{keyId}",
  "x-access": { role: "owner", reach: "own" },
  tags,
  summary: "Revoke an API key: from then on it opens nothing",
  request: { params: apiKeyPathSchema },
  responses: answers(200, "the key that was revoked", apiKeySchema),
});

export function apiKeyRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(whoAmI, (c) => {
    const { kind, name, access } = c.get("principal");
    return answer(c, callerSchema, 200, { kind, name, access });
  });
  api.openapi(create, async (c) => {
    const wanted = c.req.valid("json");
    const made = await createApiKey(c.get("acting"), c.get("principal"), { ...wanted, expiresAt: wanted.expiresAt ?? null });
    return answer(c, createdApiKeySchema, 201, { apiKey: apiKeyBody(made.apiKey), secret: made.secret });
  });
  api.openapi(list, async (c) =>
    answer(c, apiKeyListSchema, 200, { apiKeys: (await listApiKeys(c.get("acting"), c.get("principal"))).map(apiKeyBody) }),
  );
  api.openapi(revoke, async (c) =>
    answer(c, apiKeySchema, 200, apiKeyBody(await revokeApiKey(c.get("acting"), c.get("principal"), c.req.valid("param").keyId))),
  );
}

function apiKeyBody({ keyId, name, prefix, access, createdAt, createdBy, expiresAt, lastUsedAt }: ApiKey) {
  return { keyId, name, prefix, access, createdAt, createdBy, expiresAt, lastUsedAt };
}
