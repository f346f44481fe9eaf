import { z } from "zod";
import { limits } from "../config/limits.ts";
import { groupNameSchema, slugSchema, timestampSchema } from "./id-schemas.ts";

const reason = z.string().max(1_000);
export const occurrenceIdSchema = z.string().regex(/^[a-z0-9-]{1,63}\/[\w:.-]{1,64}$/);
const about = { group: groupNameSchema, trigger: slugSchema, occurrence: occurrenceIdSchema };

/** The shapes of domain/monitoring/trigger-event.ts. */
export const triggerEventSchemas = [
  z.strictObject({
    kind: z.literal("trigger.fired"),
    ...about,
    action: slugSchema,
    dueAt: timestampSchema,
    text: z.string().max(limits.triggerSnsCharactersMax),
  }),
  z.strictObject({ kind: z.literal("trigger.failed"), ...about, reason }),
  z.strictObject({
    kind: z.literal("trigger.missed"),
    ...about,
    count: z.int().min(1),
    isAtLeast: z.boolean(),
    from: timestampSchema,
    to: timestampSchema,
  }),
] as const;
