import { z } from "zod";
import { eventDetailSchema } from "./event-schema.ts";
import { clusterIdSchema, customerIdSchema, eventIdSchema, nodeIdSchema, timestampSchema } from "./id-schemas.ts";

/** Name and version of the body below. Fields may be added under the same number; a change of meaning gets the next. */
export const alertSchemaName = "understudy.alert/1";

const name = z.string().min(1).max(200);

/** Body of an alert at HTTP subscribers (SNS `Message`), published for whoever writes one. Delivered at least once: `alertId` tells repeats. */
export const alertSchema = z.object({
  schema: z.literal(alertSchemaName),
  /** The event's id: the same however often the alert arrives. */
  alertId: eventIdSchema,
  customer: z.object({ id: customerIdSchema, name }),
  cluster: z.object({ id: clusterIdSchema, name }),
  /** The node that reported it. */
  reporter: z.object({ id: nodeIdSchema, name }),
  kind: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  /** The reporter's wall clock when it happened, UTC with milliseconds. */
  at: timestampSchema,
  /** What happened, in words, with the nodes' names. */
  sentence: z.string(),
  /** The same as data; `detail.kind` is `kind`. Durations in milliseconds. */
  detail: eventDetailSchema,
});
export type Alert = z.infer<typeof alertSchema>;
