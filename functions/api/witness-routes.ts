import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { dryRunQuerySchema } from "../../shared/protocol/api-contract.ts";
import { cloudAnswerSchema, signedQuestionSchema } from "../../shared/protocol/cloud-vote-schema.ts";
import { askWitness } from "../use-cases/ask-witness.ts";
import { cloudWitnessChange } from "../use-cases/choose-cloud-witness.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { answer, answers, clusterPath, jsonBody, versionFromIfMatch } from "./route-parts.ts";

const tags = ["witness"];

const ask = apiRoute({
  method: "post",
  path: "/v1/witness",
  "x-access": "public",
  tags,
  summary: "A node asks the control plane for its vote",
  description:
    "No sign-in: the question is signed with the key of a node that the cluster document names. Idempotent: the same request again reads the same answer.",
  request: { body: jsonBody(signedQuestionSchema) },
  responses: answers(200, "the verdict, and what is promised now", cloudAnswerSchema),
});
const choose = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/cloud-witness",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Whether the control plane is the cluster's witness: on, off, or automatic",
  description: "With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: {
    params: clusterPath,
    query: dryRunQuerySchema,
    body: jsonBody(z.strictObject({ cloudWitness: z.enum(["on", "off", "automatic"]) })),
  },
  responses: changeAnswers,
});

export function askWitnessRoute(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(ask, async (c) => answer(c, cloudAnswerSchema, 200, await askWitness(c.get("acting"), c.req.valid("json"))));
}

export function chooseWitnessRoute(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(choose, async (c) => {
    return changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: cloudWitnessChange(c.req.valid("json").cloudWitness),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
}
