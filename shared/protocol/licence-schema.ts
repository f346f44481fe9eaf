import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { Licence } from "../domain/licensing/licence.ts";
import { clusterIdSchema, customerIdSchema, timestampSchema } from "./id-schemas.ts";

export const licenceIdSchema = z.string().regex(/^lic_[0-9a-z]{20}$/, "must look like lic_ and 20 lower-case letters or digits");

/** The payload of a signed licence. */
export const licencePayloadSchema = z.strictObject({
  schema: z.literal(1),
  licenceId: licenceIdSchema,
  customerId: customerIdSchema,
  clusterId: clusterIdSchema,
  nodes: z.int().min(1).max(limits.nodesPerClusterMax),
  validFrom: timestampSchema,
  validUntil: timestampSchema,
  graceDays: z.int().min(0).max(365),
}) satisfies z.ZodType<Licence>;
