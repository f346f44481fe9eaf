import { z } from "zod";
import { nodeIdSchema, timestampSchema } from "./id-schemas.ts";
import { licenceIdSchema } from "./licence-schema.ts";

const days = z.int().min(0);
const amount = z.int().min(0);
const usage = { nodes: amount, nodesLicensed: amount, users: amount, usersLicensed: amount };
const trial = z.boolean();

/** The control plane's own: none is taken from a node. */
export const licenceEventSchemas = [
  z.strictObject({ kind: z.literal("licence.expiring"), trial, daysLeft: days, endsAt: timestampSchema, graceEndsAt: timestampSchema }),
  z.strictObject({ kind: z.literal("licence.grace"), trial, daysLeft: days, endedAt: timestampSchema, graceEndsAt: timestampSchema }),
  z.strictObject({ kind: z.literal("licence.lapsed"), trial, lapsedAt: timestampSchema }),
  z.strictObject({ kind: z.literal("licence.nearly-used"), ...usage }),
  z.strictObject({ kind: z.literal("licence.overused"), ...usage }),
  z.strictObject({ kind: z.literal("licence.covers-again"), ...usage }),
  z.strictObject({
    kind: z.literal("licence.role-changed"),
    node: nodeIdSchema,
    from: nodeIdSchema.nullable(),
    licenceId: licenceIdSchema,
  }),
] as const;
