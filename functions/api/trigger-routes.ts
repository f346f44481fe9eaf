import type { OpenAPIHono } from "@hono/zod-openapi";
import { clusterSchema, triggerPathSchema, triggerTokenSchema } from "../../shared/protocol/api-contract.ts";
import { putTriggerSchema } from "../../shared/protocol/trigger-schema.ts";
import { changeTrigger, createTriggerToken, removeTrigger } from "../use-cases/change-trigger.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { clusterAnswer } from "./cluster-answer.ts";
import { answer, answers, jsonBody, requiredVersion } from "./route-parts.ts";

const tags = ["triggers"];
const access = { role: "operator", reach: "customer" } as const;

const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/triggers/{trigger}",
  "x-access": access,
  tags,
  summary: "Declare a trigger, or change it",
  description:
    "Whoever holds the group does what its actions say, at least once, each occurrence under one id. Sources: a schedule (cron fields and a time zone), a webhook (a request to the agents' own endpoint; make a token for it), an event (what the node that runs the group has itself to tell). What goes where each node's own settings say: hosts of webhooks, the mail server, the commands. `late`: what of a schedule is still done when nobody could do it at its time. If-Match must carry the ETag of the cluster as it was read; a change in between is refused with the version that is there now as ETag.",
  request: { params: triggerPathSchema, body: jsonBody(putTriggerSchema) },
  responses: answers(200, "the cluster with the trigger", clusterSchema),
});
const remove = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/triggers/{trigger}",
  "x-access": access,
  tags,
  summary: "Remove a trigger; what it has sent stays in the log",
  request: { params: triggerPathSchema },
  responses: answers(200, "the cluster without it", clusterSchema),
});
const token = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/triggers/{trigger}/token",
  "x-access": access,
  tags,
  summary: "Make the token of a trigger that a request sets off; the one before is void",
  request: { params: triggerPathSchema },
  responses: answers(201, "the token: it is shown here and never again", triggerTokenSchema),
});

export function triggerRoutes(api: OpenAPIHono<ApiEnv>, dependencies: ApiDependencies): void {
  api.openapi(put, async (c) => {
    const target = { ...c.req.valid("param"), expectedVersion: requiredVersion(c) };
    return clusterAnswer(c, dependencies, await changeTrigger(c.get("acting"), target, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    const target = { ...c.req.valid("param"), expectedVersion: requiredVersion(c) };
    return clusterAnswer(c, dependencies, await removeTrigger(c.get("acting"), target), 200);
  });
  api.openapi(token, async (c) => answer(c, triggerTokenSchema, 201, await createTriggerToken(c.get("acting"), c.req.valid("param"))));
}
