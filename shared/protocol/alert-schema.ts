import { z } from "zod";
import { eventDetailSchema } from "./event-schema.ts";
import { clusterIdSchema, customerIdSchema, eventIdSchema, nodeIdSchema, timestampSchema } from "./id-schemas.ts";

/** Name and version of the body below. Fields may be added under the same number; a change of meaning gets the next. */
export const alertSchemaName = "understudy.alert/1";

const name = z.string().min(1).max(200);
const severity = z.enum(["info", "warning", "critical"]);

/** What stands together in one incident, and which word about it this is. */
export const alertIncidentSchema = z.object({
  /** 1, 2, 3 in each cluster: the thread that this alert belongs to. */
  number: z.int().min(1),
  /** opened: its first word; updated: there is more; escalated: nobody has acknowledged it; closed: it is over. */
  phase: z.enum(["opened", "updated", "escalated", "closed"]),
  /** When it began, by the reporters' clocks. */
  openedAt: timestampSchema,
  /** Null while it goes on. */
  closedAt: timestampSchema.nullable(),
  /** Everything that people should know of it so far, the heaviest first; `isNew`: not told before. `times`: how often it was reported. */
  facts: z
    .array(
      z.object({
        kind: z.string(),
        severity,
        at: timestampSchema,
        sentence: z.string(),
        times: z.int().min(1),
        isNew: z.boolean(),
        isOver: z.boolean(),
      }),
    )
    .max(100),
  /** Earlier incidents that turned out to be this one: their threads end here. */
  swallowed: z.array(z.int().min(1)).max(1_000),
  /** By how much the alert comes later than what it tells of, where that is more than five minutes: the site had no contact, or a maintenance window held it. */
  lateMs: z.int().min(0).nullable(),
});

/** Body of an alert at HTTP subscribers (SNS `Message`), published for whoever writes one. Delivered at least once: `alertId` tells repeats. */
export const alertSchema = z.object({
  schema: z.literal(alertSchemaName),
  /** The same however often the alert arrives. */
  alertId: eventIdSchema,
  customer: z.object({ id: customerIdSchema, name }),
  cluster: z.object({ id: clusterIdSchema, name }),
  /** The node that reported it. */
  reporter: z.object({ id: nodeIdSchema, name }),
  kind: z.string(),
  severity,
  /** The reporter's wall clock when it happened, UTC with milliseconds. */
  at: timestampSchema,
  /** What happened, in words, with the nodes' names. */
  sentence: z.string(),
  /** The heaviest fact as data; `detail.kind` is `kind`. Durations in milliseconds. */
  detail: eventDetailSchema,
  /** Null in a test message. */
  incident: alertIncidentSchema.nullable(),
});
export type Alert = z.infer<typeof alertSchema>;
export type AlertIncident = z.infer<typeof alertIncidentSchema>;
