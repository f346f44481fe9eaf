import { z } from "zod";
import { limits } from "../config/limits.ts";
import { clusterIdSchema, timestampSchema } from "./id-schemas.ts";

const chosen = z.array(z.string().min(1).max(100)).min(1).max(10);

/** What a subscription lets through: messages whose attribute is in each list that is given. */
export const subscriptionFilterSchema = z.strictObject({
  severity: z
    .array(z.enum(["info", "warning", "critical"]))
    .min(1)
    .max(3)
    .exactOptional(),
  cluster: z.array(clusterIdSchema).min(1).max(10).exactOptional(),
  kind: chosen.exactOptional(),
  phase: z
    .array(z.enum(["opened", "updated", "escalated", "closed", "test"]))
    .min(1)
    .max(5)
    .exactOptional(),
});

const level = z.enum(["first", "escalation"]);
const endpoint = {
  protocol: z.enum(["http", "https", "email"]),
  endpoint: z.string().min(3).max(2_048),
};

export const subscribeSchema = z.strictObject({
  ...endpoint,
  /** escalation: only what nobody has acknowledged in time. */
  level: level.default("first"),
  filter: subscriptionFilterSchema.exactOptional(),
});
export const subscriptionSchema = z.strictObject({
  ...endpoint,
  /** Null in a list while the subscription is pending: SNS tells the id only to the one who subscribed. */
  subscriptionId: z.string().nullable(),
  state: z.enum(["pending-confirmation", "confirmed"]),
  level,
  /** Of one that is confirmed. */
  filter: subscriptionFilterSchema.exactOptional(),
});
export const subscriptionListSchema = z.strictObject({ subscriptions: z.array(subscriptionSchema) });

/** An incident as its newest announcement has it, or would have it. */
export const incidentSchema = z.strictObject({
  number: z.int().min(1),
  severity: z.enum(["info", "warning", "critical"]),
  openedAt: timestampSchema,
  closedAt: timestampSchema.nullable(),
  /** Nobody was told: it passed by itself, or a maintenance window holds it. */
  announcements: z.int().min(0),
  acknowledged: z.strictObject({ by: z.string(), at: timestampSchema }).nullable(),
  escalatedAt: timestampSchema.nullable(),
  facts: z.array(
    z.strictObject({
      kind: z.string(),
      severity: z.enum(["info", "warning", "critical"]),
      at: timestampSchema,
      sentence: z.string(),
      times: z.int().min(1),
      isOver: z.boolean(),
      /** False: a symptom of what else is in the incident, or over too soon to be told. */
      isTold: z.boolean(),
    }),
  ),
  swallowed: z.array(z.int().min(1)),
});
export const incidentPageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.eventsPerPageMax).default(50),
  /** The `next` of the page before. */
  before: z.coerce.number().int().min(1).exactOptional(),
});
export const incidentPageSchema = z.strictObject({ incidents: z.array(incidentSchema), next: z.int().min(1).exactOptional() });

export const handoverSchema = z.strictObject({
  alertId: z.string(),
  incident: z.int().min(1),
  number: z.int().min(1),
  level,
  phase: z.string(),
  subject: z.string(),
  announcedAt: timestampSchema,
  /** When the notification service took it over; null: it waits. */
  sentAt: timestampSchema.nullable(),
  messageId: z.string().nullable(),
  failedAttempts: z.int().min(0),
  lastFailure: z.string().nullable(),
  nextAttemptAt: timestampSchema.nullable(),
  /** What became of it at each subscriber; empty before it was handed over, where nobody was subscribed, and after 90 days. Null where the control plane cannot tell: that of AWS, whose SNS does not. */
  deliveries: z
    .array(
      z.strictObject({
        protocol: z.string(),
        endpoint: z.string(),
        /** dead: given up after the last attempt, and kept to be sent again. */
        state: z.enum(["waiting", "delivered", "dead"]),
        attempts: z.int().min(0),
        lastFailure: z.string().nullable(),
        deliveredAt: timestampSchema.nullable(),
      }),
    )
    .nullable(),
});
export const handoverQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.eventsPerPageMax).default(50),
  before: z
    .string()
    .regex(/^\d{9}#\d{6}#(first|escalation)$/, "must be the next of the page before")
    .exactOptional(),
});
export const handoverPageSchema = z.strictObject({ alerts: z.array(handoverSchema), next: z.string().exactOptional() });

export const alertSettingsSchema = z.strictObject({
  /** A critical incident that goes on, and that nobody has acknowledged for so long, goes to the escalation level; null: none. */
  escalateAfterMinutes: z.int().min(1).max(1_440).nullable(),
  /** A node or a site without contact to the cloud for so long is told as silent. */
  silentAfterSeconds: z.int().min(30).max(3_600),
});

export const newMaintenanceSchema = z.strictObject({
  /** Absent: all clusters of the customer. */
  clusterId: clusterIdSchema.exactOptional(),
  startsAt: timestampSchema,
  endsAt: timestampSchema,
  reason: z.string().min(1).max(200),
});
export const maintenanceSchema = z.strictObject({
  windowId: z.string(),
  clusterId: clusterIdSchema.nullable(),
  startsAt: timestampSchema,
  endsAt: timestampSchema,
  reason: z.string(),
  createdBy: z.string(),
});
export const maintenanceListSchema = z.strictObject({ windows: z.array(maintenanceSchema) });

export const deadLetterSchema = z.strictObject({
  deliveryId: z.int().min(1),
  level,
  protocol: z.string(),
  endpoint: z.string(),
  messageId: z.string(),
  attempts: z.int().min(0),
  reason: z.string(),
  diedAt: timestampSchema,
});
export const deadLetterListSchema = z.strictObject({ deadLetters: z.array(deadLetterSchema) });
/** Absent: all of them. */
export const redriveSchema = z.strictObject({ deliveryId: z.int().min(1).exactOptional() });
export const redrivenSchema = z.strictObject({ redriven: z.int().min(0) });

export const testAlertSchema = z.strictObject({ level: level.default("first") });
export const testAlertSentSchema = z.strictObject({ alertId: z.string(), messageId: z.string() });
