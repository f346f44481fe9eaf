import { z } from "zod";
import { clusterEventSchema } from "./event-schema.ts";
import { clusterIdSchema, slugSchema, timestampSchema } from "./id-schemas.ts";
import { triggerRunSchema } from "./trigger-run-schema.ts";
import { eventSchema, scheduleSchema, triggerSchema } from "./trigger-schema.ts";

export const triggerPathSchema = z.strictObject({ clusterId: clusterIdSchema, trigger: slugSchema });
/** The token is shown once; the document has only its SHA-256. */
export const triggerTokenSchema = z.strictObject({ token: z.string(), path: z.string() });

/** Of a token is told whether there is one. */
const shownSourceSchema = z.discriminatedUnion("kind", [
  scheduleSchema,
  z.strictObject({ kind: z.literal("webhook"), hasToken: z.boolean() }),
  eventSchema,
]);

const shownTriggerSchema = triggerSchema.extend({
  source: shownSourceSchema,
  /** The next times of a schedule, if nothing changes; of other sources none. */
  next: z.array(timestampSchema),
  /** What came of it last, newest first, as the nodes have reported it. */
  runs: z.array(triggerRunSchema),
});

/** `told`: of the cluster's newest events those about triggers, newest first. */
export const triggerListSchema = z.strictObject({ triggers: z.array(shownTriggerSchema), told: z.array(clusterEventSchema) });
