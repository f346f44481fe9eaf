import { z } from "zod";
import type { KeptGrant } from "../../shared/domain/failover/durable-record.ts";
import { groupNameSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";

/** A promise that one start of the agent leaves to the next, as it lies on disk. */
export const keptGrantSchema = z.strictObject({
  group: groupNameSchema,
  to: nodeIdSchema,
  toIncarnation: z.int(),
  epoch: z.int(),
  requestId: z.int(),
  untilUs: z.number(),
  long: z.strictObject({ requestId: z.int(), untilUs: z.number(), forUs: z.int(), epoch: z.int(), documentVersion: z.int() }).nullable(),
  longVoidUpTo: z.int(),
}) satisfies z.ZodType<KeptGrant>;
