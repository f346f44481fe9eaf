import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "./api-env.ts";

/** The OpenAPI document of all routes that are registered. */
export function openApiDocument(api: OpenAPIHono<ApiEnv>): object {
  const document = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Understudy control plane", version: "1" },
    security: [{ apiKey: [] }],
  });
  return JSON.parse(JSON.stringify(document), withoutFlags) as object;
}

/** The generator leaves a regular expression's flags at the end of its pattern, where they would be taken for text. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === "pattern" && typeof value === "string" ? value.replace(/\$\/[dgimsuvy]+$/, "$") : value;
}
