import type { z } from "zod";
import * as access from "../../../shared/protocol/access-contract.ts";
import * as alerts from "../../../shared/protocol/alert-contract.ts";
import * as api from "../../../shared/protocol/api-contract.ts";
import { availabilityQuerySchema } from "../../../shared/protocol/availability-contract.ts";
import * as licences from "../../../shared/protocol/licence-contract.ts";
import { putTriggerSchema } from "../../../shared/protocol/trigger-schema.ts";
import { type FuzzTarget, jsonForm, jsonIn, jsonSeeds, promise, sameAs } from "../fuzz-target.ts";
import { trigger, webhookAction } from "./sample-trigger.ts";

/** Bodies and queries of requests. */
const schemas: readonly z.ZodType[] = [
  access.createApiKeySchema,
  access.createUserSchema,
  access.putUserSchema,
  access.auditQuerySchema,
  alerts.subscribeSchema,
  alerts.alertSettingsSchema,
  alerts.newMaintenanceSchema,
  alerts.handoverQuerySchema,
  alerts.redriveSchema,
  alerts.testAlertSchema,
  api.createCustomerSchema,
  api.createClusterSchema,
  api.patchClusterSchema,
  api.patchNodeSchema,
  api.putGroupSchema,
  api.putWhenAloneSchema,
  api.createJoinTokenSchema,
  api.enrolSchema,
  api.eventQuerySchema,
  api.putDataSetSchema,
  availabilityQuerySchema,
  licences.issueLicenceSchema,
  licences.importLicenceSchema,
  licences.deviceCountsSchema,
  licences.putPrimarySchema,
  putTriggerSchema,
];

const { source, actions, group } = trigger(webhookAction("https://example.com/hook"));
const order = ["node_aaaaaaaaaaaaaaaaaaaa"];

export const apiBody: FuzzTarget = {
  name: "api-body",
  reads: "bodies and queries of the control plane's API, by every schema that it has for them",
  share: 4,
  seeds: jsonSeeds(
    { name: "Krone" },
    {
      name: "front desk",
      timing: "default",
      dataSets: [{ kind: "database", name: "calls", local: ["t"] }],
      resources: [{ kind: "service", name: "telephony" }],
    },
    {
      order,
      resources: [{ kind: "address", name: "vip", address: "192.0.2.9/24" }],
      failback: { mode: "automatic", stableForMs: 60_000 },
    },
    { protocol: "email", endpoint: "noc@example.com" },
    { name: "key", access: { role: "operator", customers: "all" }, expiresAt: null },
    { email: "a@example.com", access: { role: "viewer", customers: ["cust_00000000000000000000"] } },
    { nodes: 2, validUntil: "2026-12-31T00:00:00.000Z", graceDays: 30 },
    { startsAt: "2026-12-01T00:00:00.000Z", endsAt: "2026-12-01T01:00:00.000Z", reason: "new switch" },
    { group, source, actions },
    { whenAlone: "survivor" },
    { month: "2026-11", csv: "groups" },
  ),
  form: jsonForm,
  execute: (input) => {
    const value = jsonIn(input);
    let isTaken = false;
    for (const schema of schemas) {
      const parsed = schema.safeParse(value);
      promise(parsed.success || parsed.error.issues.length > 0, "a body is refused without saying why");
      if (!parsed.success) continue;
      isTaken = true;
      sameAs(schema.parse(JSON.parse(JSON.stringify(parsed.data))), parsed.data, "a body");
    }
    return isTaken ? "accepted" : "refused";
  },
};
