import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { auditPageSchema, auditQuerySchema } from "../../shared/protocol/access-contract.ts";
import { auditCsv } from "../use-cases/audit-table.ts";
import { csvFile } from "../use-cases/csv-table.ts";
import { readAuditLog } from "../use-cases/read-audit-log.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, customerPath, withCsv } from "./route-parts.ts";

const tags = ["audit log"];

const ofAll = apiRoute({
  method: "get",
  path: "/v1/audit",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Every change, and every request that was refused to somebody who was signed in: by whom, newest first, page by page",
  request: { query: auditQuerySchema },
  responses: withCsv("a page of entries; next leads to the one before", auditPageSchema),
});
const ofCustomer = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/audit",
  "x-access": { role: "owner", reach: "customer" },
  tags,
  summary: "The same of a customer and of those who may see it alone",
  request: { params: customerPath, query: auditQuerySchema },
  responses: withCsv("a page of entries; next leads to the one before", auditPageSchema),
});

export function auditRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(ofAll, async (c) => page(c, {}, c.req.valid("query")));
  api.openapi(ofCustomer, async (c) => page(c, c.req.valid("param"), c.req.valid("query")));
}

async function page(c: Context<ApiEnv>, of: { readonly customerId?: CustomerId }, query: z.infer<typeof auditQuerySchema>) {
  const { csv, ...options } = query;
  const found = await readAuditLog(c.get("acting"), of, options);
  if (csv === undefined) return answer(c, auditPageSchema, 200, found);
  if (found.next !== undefined) c.header("link", `<${olderThan(c.req.url, found.next)}>; rel="next"`);
  return c.body(auditCsv(found.entries), 200, csvFile("audit-log"));
}

/** Path and query: the host is whatever the caller has reached us by. */
function olderThan(url: string, number: number): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("before", String(number));
  return `${pathname}?${searchParams.toString()}`;
}
