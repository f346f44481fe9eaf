import type { OpenAPIHono } from "@hono/zod-openapi";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { auditPageSchema, auditQuerySchema } from "../../shared/protocol/access-contract.ts";
import { readAuditLog } from "../use-cases/read-audit-log.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, customerPath } from "./route-parts.ts";

const tags = ["audit log"];

const ofAll = apiRoute({
  method: "get",
  path: "/v1/audit",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Every change, by whom, newest first, page by page",
  request: { query: auditQuerySchema },
  responses: answers(200, "a page of entries; next leads to the one before", auditPageSchema),
});
const ofCustomer = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/audit",
  "x-access": { role: "owner", reach: "customer" },
  tags,
  summary: "Every change at a customer, by whom, newest first, page by page",
  request: { params: customerPath, query: auditQuerySchema },
  responses: answers(200, "a page of entries; next leads to the one before", auditPageSchema),
});

export function auditRoutes(api: OpenAPIHono<ApiEnv>, dependencies: ApiDependencies): void {
  const page = (of: { readonly customerId?: CustomerId }, query: { readonly limit: number; readonly before?: number }) =>
    readAuditLog(dependencies, of, query);
  api.openapi(ofAll, async (c) => answer(c, auditPageSchema, 200, await page({}, c.req.valid("query"))));
  api.openapi(ofCustomer, async (c) => answer(c, auditPageSchema, 200, await page(c.req.valid("param"), c.req.valid("query"))));
}
