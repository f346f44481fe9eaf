import type { OpenAPIHono } from "@hono/zod-openapi";
import { dryRunQuerySchema } from "../../shared/protocol/api-contract.ts";
import { triggerListSchema, triggerPathSchema, triggerTokenSchema } from "../../shared/protocol/trigger-contract.ts";
import { putTriggerSchema } from "../../shared/protocol/trigger-schema.ts";
import { createTriggerToken, triggerChange, triggerRemoval } from "../use-cases/change-trigger.ts";
import { readTriggers } from "../use-cases/read-triggers.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { answer, answers, clusterPath, jsonBody, requiredVersion } from "./route-parts.ts";

const tags = ["triggers"];
const access = { role: "operator", reach: "customer" } as const;

const list = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/triggers",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "The triggers of a cluster: what comes next, and what came of them last as far as the nodes have told",
  description:
    "The whole log of what was sent is on every node (understudy agent triggers log). Of a token is told whether one was made, and nothing else.",
  request: { params: clusterPath },
  responses: answers(200, "the triggers", triggerListSchema),
});
const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/triggers/{trigger}",
  "x-access": access,
  tags,
  summary: "Declare a trigger, or change it",
  description:
    "Whoever holds the group does what its actions say, at least once, each occurrence under one id. Sources: a schedule (cron fields and a time zone), a webhook (a request to the agents' own endpoint; make a token for it), an event (what the node that runs the group has itself to tell). What goes where each node's own settings say: hosts of webhooks, the mail server, the commands. `late`: what of a schedule is still done when nobody could do it at its time. If-Match must carry the ETag of the cluster as it was read; a change in between is refused with the version that is there now as ETag. With dryRun nothing is changed, and what would follow is said.",
  request: { params: triggerPathSchema, query: dryRunQuerySchema, body: jsonBody(putTriggerSchema) },
  responses: changeAnswers,
});
const remove = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/triggers/{trigger}",
  "x-access": access,
  tags,
  summary: "Remove a trigger; what it has sent stays in the log",
  description: "If-Match as for its declaration. With dryRun nothing is changed, and what would follow is said.",
  request: { params: triggerPathSchema, query: dryRunQuerySchema },
  responses: changeAnswers,
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

export function triggerRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(list, async (c) => answer(c, triggerListSchema, 200, await readTriggers(c.get("acting"), c.req.valid("param").clusterId)));
  api.openapi(put, async (c) => {
    const { clusterId, trigger } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: triggerChange(c.get("acting"), trigger, c.req.valid("json")),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(remove, async (c) => {
    const { clusterId, trigger } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: triggerRemoval(trigger),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(token, async (c) => answer(c, triggerTokenSchema, 201, await createTriggerToken(c.get("acting"), c.req.valid("param"))));
}
