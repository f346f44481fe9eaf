import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  handoverPageSchema,
  handoverQuerySchema,
  incidentPageQuerySchema,
  incidentPageSchema,
  incidentSchema,
  testAlertSchema,
  testAlertSentSchema,
} from "../../shared/protocol/alert-contract.ts";
import { clusterIdSchema } from "../../shared/protocol/id-schemas.ts";
import { acknowledgeIncident } from "../use-cases/acknowledge-incident.ts";
import { handoverAnswer, incidentAnswer } from "../use-cases/alert-answers.ts";
import { readAlertHistory } from "../use-cases/alert-history.ts";
import { namesOfCluster } from "../use-cases/alert-names.ts";
import { listIncidents } from "../use-cases/list-incidents.ts";
import { sendTestAlert } from "../use-cases/send-test-alert.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath, jsonBody } from "./route-parts.ts";

const tags = ["alerts"];

const list = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/incidents",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "The cluster's incidents, newest first, page by page: what stands together, and what was told of it",
  request: { params: clusterPath, query: incidentPageQuerySchema },
  responses: answers(200, "a page of incidents; next leads to the one before", incidentPageSchema),
});
const acknowledge = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/incidents/{number}/acknowledgement",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Take an incident on: it is not escalated any more",
  request: { params: z.strictObject({ clusterId: clusterIdSchema, number: z.coerce.number().int().min(1) }) },
  responses: answers(200, "the incident; the first acknowledgement stays", incidentSchema),
});
const history = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/alerts",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "What was announced of the cluster, the newest incident first: when, to which level, and which subscriber has it",
  request: { params: clusterPath, query: handoverQuerySchema },
  responses: answers(200, "a page of alerts; next leads to the one before", handoverPageSchema),
});
const test = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/test-alerts",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Send a test message to all who are told of this cluster at a level",
  request: { params: clusterPath, body: jsonBody(testAlertSchema) },
  responses: answers(201, "the alert service has it", testAlertSentSchema),
});

export function incidentRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(list, async (c) => {
    const { incidents, next, names } = await listIncidents(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("query"));
    const shown = incidents.map((incident) => incidentAnswer(incident, names));
    return answer(c, incidentPageSchema, 200, { incidents: shown, ...(next === undefined ? {} : { next }) });
  });
  api.openapi(acknowledge, async (c) => {
    const { clusterId, number } = c.req.valid("param");
    const incident = await acknowledgeIncident(c.get("acting"), clusterId, number);
    return answer(c, incidentSchema, 200, incidentAnswer(incident, await namesOfCluster(c.get("acting"), clusterId)));
  });
  api.openapi(history, async (c) => {
    const { alerts, next } = await readAlertHistory(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("query"));
    return answer(c, handoverPageSchema, 200, { alerts: alerts.map(handoverAnswer), ...(next === undefined ? {} : { next }) });
  });
  api.openapi(test, async (c) =>
    answer(c, testAlertSentSchema, 201, await sendTestAlert(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("json").level)),
  );
}
