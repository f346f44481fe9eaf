import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { idempotencyHeader } from "./idempotency.ts";
import { answers } from "./route-parts.ts";

const read = apiRoute({
  method: "get",
  path: "/v1/openapi.json",
  "x-access": "public",
  tags: ["this document"],
  summary: "What there is, in OpenAPI's own form; x-access says who may call it",
  responses: answers(200, "the document", z.looseObject({})),
});

/** The OpenAPI document of all routes that are registered, and the route that serves it. */
export function openApiRoute(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(read, (context) => context.json(openApiDocument(api), 200));
}

function openApiDocument(api: OpenAPIHono<ApiEnv>): Record<string, unknown> {
  const document = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Understudy control plane", version: "1" },
  });
  const { paths = {} } = document;
  const posts = Object.values(paths).flatMap(({ post }) => (post === undefined ? [] : [post]));
  for (const post of posts) post.parameters = [...(post.parameters ?? []), idempotencyKey];
  return JSON.parse(JSON.stringify(document), withoutFlags) as Record<string, unknown>;
}

const idempotencyKey = {
  name: idempotencyHeader,
  in: "header" as const,
  required: false,
  description: "Makes the request safe to repeat: the same key again gets the same answer, and nothing is done twice. Kept for a day.",
  schema: { type: "string" as const, minLength: 1, maxLength: limits.idempotencyKeyCharactersMax },
};

/** The generator leaves a regular expression's flags at the end of its pattern, where they would be taken for text. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === "pattern" && typeof value === "string" ? value.replace(/\$\/[dgimsuvy]+$/, "$") : value;
}
