import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { subscribeSchema, subscriptionListSchema, subscriptionSchema } from "../../shared/protocol/alert-contract.ts";
import { customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import { listSubscriptions, subscribeAlerts, unsubscribeAlerts } from "../use-cases/alert-subscriptions.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, customerPath, jsonBody } from "./route-parts.ts";

const tags = ["alerts"];

const subscribe = apiRoute({
  method: "post",
  path: "/v1/customers/{customerId}/alert-subscriptions",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Send the customer's alerts to an endpoint, once it has confirmed",
  request: { params: customerPath, body: jsonBody(subscribeSchema) },
  responses: answers(201, "the subscription", subscriptionSchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/alert-subscriptions",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "Where the customer's alerts go",
  request: { params: customerPath },
  responses: answers(200, "the subscriptions", subscriptionListSchema),
});
const unsubscribe = apiRoute({
  method: "delete",
  path: "/v1/customers/{customerId}/alert-subscriptions/{subscriptionId}",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "End a subscription",
  request: { params: z.strictObject({ customerId: customerIdSchema, subscriptionId: z.string().min(1).max(300) }) },
  responses: answers(200, "the subscriptions that remain", subscriptionListSchema),
});

export function alertRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(subscribe, async (c) =>
    answer(c, subscriptionSchema, 201, await subscribeAlerts(c.get("acting"), c.req.valid("param").customerId, c.req.valid("json"))),
  );
  api.openapi(list, async (c) =>
    answer(c, subscriptionListSchema, 200, {
      subscriptions: [...(await listSubscriptions(c.get("acting"), c.req.valid("param").customerId))],
    }),
  );
  api.openapi(unsubscribe, async (c) => {
    const { customerId, subscriptionId } = c.req.valid("param");
    await unsubscribeAlerts(c.get("acting"), customerId, subscriptionId);
    return answer(c, subscriptionListSchema, 200, { subscriptions: await listSubscriptions(c.get("acting"), customerId) });
  });
}
