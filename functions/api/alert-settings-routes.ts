import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import alertJsonSchema from "../../shared/protocol/alert.schema.json" with { type: "json" };
import {
  alertSettingsSchema,
  deadLetterListSchema,
  maintenanceListSchema,
  maintenanceSchema,
  newMaintenanceSchema,
  redrivenSchema,
  redriveSchema,
} from "../../shared/protocol/alert-contract.ts";
import { customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import { windowAnswer } from "../use-cases/alert-answers.ts";
import { changeAlertSettings, readAlertSettings } from "../use-cases/alert-settings.ts";
import { deliveriesUnknown, listDeadLetters, redriveDeadLetters } from "../use-cases/dead-letters.ts";
import { endMaintenance, listMaintenance, planMaintenance } from "../use-cases/maintenance.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, customerPath, jsonBody } from "./route-parts.ts";

const tags = ["alerts"];
const look = { role: "viewer", reach: "customer" } as const;
const operate = { role: "operator", reach: "customer" } as const;

const schema = apiRoute({
  method: "get",
  path: "/v1/alert-schema",
  "x-access": { role: "viewer", reach: "own" },
  tags,
  summary: "JSON Schema of the body that alerts have at HTTP subscribers",
  responses: answers(200, "a JSON Schema, draft 2020-12", z.record(z.string(), z.unknown())),
});
const readSettings = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/alert-settings",
  "x-access": look,
  tags,
  summary: "How the customer wants to be told",
  request: { params: customerPath },
  responses: answers(200, "the settings", alertSettingsSchema),
});
const putSettings = apiRoute({
  method: "put",
  path: "/v1/customers/{customerId}/alert-settings",
  "x-access": operate,
  tags,
  summary: "Change how the customer wants to be told; counts at once, also for incidents that go on",
  request: { params: customerPath, body: jsonBody(alertSettingsSchema) },
  responses: answers(200, "the settings", alertSettingsSchema),
});
const listWindows = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/maintenance",
  "x-access": look,
  tags,
  summary: "Maintenance windows that go on or are to come",
  request: { params: customerPath },
  responses: answers(200, "the windows, by their start", maintenanceListSchema),
});
const plan = apiRoute({
  method: "post",
  path: "/v1/customers/{customerId}/maintenance",
  "x-access": operate,
  tags,
  summary: "Hold the alerts of what happens between two instants until the second one",
  request: { params: customerPath, body: jsonBody(newMaintenanceSchema) },
  responses: answers(201, "the window", maintenanceSchema),
});
const end = apiRoute({
  method: "delete",
  path: "/v1/customers/{customerId}/maintenance/{windowId}",
  "x-access": operate,
  tags,
  summary: "End a window before its time: what it has held is told now",
  request: { params: z.strictObject({ customerId: customerIdSchema, windowId: z.uuid() }) },
  responses: answers(200, "the windows that remain", maintenanceListSchema),
});
const listDead = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/dead-letters",
  "x-access": look,
  tags,
  summary: "Alerts that a subscriber did not take until the last attempt",
  request: { params: customerPath },
  responses: answers(200, "the dead letters, oldest first, at most 100 of each level", deadLetterListSchema),
});
const redrive = apiRoute({
  method: "post",
  path: "/v1/customers/{customerId}/dead-letters/redrive",
  "x-access": operate,
  tags,
  summary: "Send the customer's dead letters again, or one of them",
  request: { params: customerPath, body: jsonBody(redriveSchema) },
  responses: answers(200, "how many are on their way again", redrivenSchema),
});

export function alertSettingsRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(schema, async (c) => c.json(alertJsonSchema, 200));
  api.openapi(readSettings, async (c) =>
    answer(c, alertSettingsSchema, 200, await readAlertSettings(c.get("acting"), c.req.valid("param").customerId)),
  );
  api.openapi(putSettings, async (c) =>
    answer(c, alertSettingsSchema, 200, await changeAlertSettings(c.get("acting"), c.req.valid("param").customerId, c.req.valid("json"))),
  );
  api.openapi(listWindows, async (c) => {
    const windows = await listMaintenance(c.get("acting"), c.req.valid("param").customerId);
    return answer(c, maintenanceListSchema, 200, { windows: windows.map(windowAnswer) });
  });
  api.openapi(plan, async (c) => {
    const window = await planMaintenance(c.get("acting"), c.req.valid("param").customerId, c.req.valid("json"));
    return answer(c, maintenanceSchema, 201, windowAnswer(window));
  });
  api.openapi(end, async (c) => {
    const { customerId, windowId } = c.req.valid("param");
    await endMaintenance(c.get("acting"), customerId, windowId);
    return answer(c, maintenanceListSchema, 200, { windows: (await listMaintenance(c.get("acting"), customerId)).map(windowAnswer) });
  });
  api.openapi(listDead, async (c) => {
    const found = await listDeadLetters(c.get("acting"), c.req.valid("param").customerId);
    if (found === null) throw deliveriesUnknown();
    const deadLetters = found.map(({ deliveryId, level, protocol, endpoint, messageId, attempts, reason, diedAt }) => ({
      deliveryId,
      level,
      protocol,
      endpoint,
      messageId,
      attempts,
      reason,
      diedAt,
    }));
    return answer(c, deadLetterListSchema, 200, { deadLetters });
  });
  api.openapi(redrive, async (c) => {
    const { deliveryId = null } = c.req.valid("json");
    return answer(c, redrivenSchema, 200, {
      redriven: await redriveDeadLetters(c.get("acting"), c.req.valid("param").customerId, deliveryId),
    });
  });
}
