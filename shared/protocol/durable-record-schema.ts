import { z } from "zod";
import type { DurableRecord } from "../domain/failover/durable-record.ts";
import { groupNameSchema, nodeIdSchema } from "./id-schemas.ts";

/** As a voter keeps it between two runs. */
export const durableRecordSchema = z.strictObject({
  incarnation: z.int().min(1),
  epochCeilings: z.record(groupNameSchema, z.int().min(0)),
  // A record of before there were any names nobody.
  soles: z.record(groupNameSchema, z.strictObject({ number: z.int().min(0), node: nodeIdSchema.nullable() })).default({}),
  // Earlier versions of the agent made no long promises.
  longPromises: z
    .record(
      groupNameSchema,
      z.strictObject({
        to: nodeIdSchema,
        toIncarnation: z.int(),
        epoch: z.int(),
        requestId: z.int(),
        forUs: z.int(),
        documentVersion: z.int(),
      }),
    )
    .default({}),
}) satisfies z.ZodType<DurableRecord>;
