import type { OpenAPIHono } from "@hono/zod-openapi";
import { createCustomerSchema, customerSchema } from "../../shared/protocol/api-contract.ts";
import { customerPageSchema, customerQuerySchema } from "../../shared/protocol/fleet-contract.ts";
import { createCustomer } from "../use-cases/create-customer.ts";
import { customerOrRefuse } from "../use-cases/find-or-refuse.ts";
import { pageOfCustomers } from "../use-cases/list-customers.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, customerPath, jsonBody } from "./route-parts.ts";

const tags = ["customers"];

const create = apiRoute({
  method: "post",
  path: "/v1/customers",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Add a customer",
  request: { body: jsonBody(createCustomerSchema) },
  responses: answers(201, "the new customer", customerSchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/customers",
  "x-access": { role: "viewer", reach: "own" },
  tags,
  summary: "The customers that the caller may see, oldest first, page by page",
  request: { query: customerQuerySchema },
  responses: answers(200, "a page of customers; next leads to the one after", customerPageSchema),
});
const read = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "One customer",
  request: { params: customerPath },
  responses: answers(200, "the customer", customerSchema),
});

export function customerRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(create, async (c) => answer(c, customerSchema, 201, await createCustomer(c.get("acting"), c.req.valid("json"))));
  api.openapi(list, async (c) =>
    answer(c, customerPageSchema, 200, await pageOfCustomers(c.get("acting"), c.get("principal").access, c.req.valid("query"))),
  );
  api.openapi(read, async (c) => answer(c, customerSchema, 200, await customerOrRefuse(c.get("acting"), c.req.valid("param").customerId)));
}
