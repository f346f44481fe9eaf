import { z } from "zod";
import { causeWords, type OutageCause } from "../domain/availability/outage-causes.ts";
import { clusterIdSchema, customerIdSchema, displayNameSchema, groupNameSchema, timestampSchema } from "./id-schemas.ts";

/** Reports of availability, `GET .../availability`. Times in milliseconds. */

export const availabilityQuerySchema = z.strictObject({
  /** A calendar month in UTC, like `2026-11`; the present one where it is left out. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .exactOptional(),
  /** Instead of JSON a table: of groups, clusters, outages, or of what each cause of outages has taken. */
  csv: z.enum(["groups", "clusters", "outages", "causes"]).exactOptional(),
});

const share = z.number().min(0).max(1).nullable();
const figures = {
  observedMs: z.int().min(0),
  unplannedMs: z.int().min(0),
  plannedMs: z.int().min(0),
  unplannedOutages: z.int().min(0),
  plannedOutages: z.int().min(0),
  /** Of the observed time, without what was wanted; null where nothing was observed. */
  served: share,
  servedCountingPlanned: share,
};

const outageSchema = z.strictObject({
  group: groupNameSchema,
  from: timestampSchema,
  /** Null while it goes on, and `lengthMs` with it. */
  to: timestampSchema.nullable(),
  lengthMs: z.int().min(0).nullable(),
  length: z.enum(["measured", "at-most", "at-least"]),
  isPlanned: z.boolean(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  cause: z.string(),
  events: z.array(z.string()),
});

/** What each cause has taken of the month, the one that took most first: what closes a report. */
const causesSchema = z.array(
  z.strictObject({
    cause: z.enum(Object.keys(causeWords) as [OutageCause, ...OutageCause[]]),
    words: z.string(),
    outages: z.int().min(1),
    lostMs: z.int().min(0),
    longestMs: z.int().min(0),
  }),
);

export const availabilitySchema = z.strictObject({
  customerId: customerIdSchema,
  customer: displayNameSchema,
  month: z.string(),
  from: timestampSchema,
  to: timestampSchema,
  ...figures,
  causes: causesSchema,
  clusters: z.array(
    z.strictObject({
      clusterId: clusterIdSchema,
      cluster: displayNameSchema,
      ...figures,
      causes: causesSchema,
      isComplete: z.boolean(),
      groups: z.array(z.strictObject({ group: groupNameSchema, ...figures, outages: z.array(outageSchema) })),
    }),
  ),
});
