import { z } from "zod";
import type { AttemptOutcome } from "../domain/triggers/sent-log.ts";
import { serversToldMax, type TriggerRun } from "../domain/triggers/trigger-run.ts";
import { displayNameSchema, slugSchema } from "./id-schemas.ts";
import { occurrenceIdSchema } from "./trigger-event-schemas.ts";

const outcomes = { begun: 0, done: 0, failed: 0, unknown: 0, missed: 0 } satisfies Record<AttemptOutcome, 0>;

export const triggerRunSchema = z.strictObject({
  occurrence: occurrenceIdSchema,
  trigger: slugSchema,
  dueMs: z.int().min(0),
  outcome: z.enum(Object.keys(outcomes) as [AttemptOutcome, ...AttemptOutcome[]]),
  servers: z.array(displayNameSchema).max(serversToldMax),
  repeats: z.int().min(0),
}) satisfies z.ZodType<TriggerRun>;
