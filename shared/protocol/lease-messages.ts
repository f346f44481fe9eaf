import { z } from "zod";
import type { Away, LeaseGrant, LeaseRefusal, LeaseRelease, LeaseRequest, LongGrant, LongRequest } from "../domain/failover/messages.ts";
import { envelopeShape, releasedShape, seenSchema } from "./heartbeat.ts";
import { groupNameSchema, nodeIdSchema } from "./id-schemas.ts";

const count = z.int().min(0);
const group = groupNameSchema;

/** A candidate or holder to a voter. */
export const leaseRequestSchema = z.strictObject({
  type: z.literal("lease-request"),
  ...envelopeShape,
  group,
  epoch: z.int().min(1),
  leaseUs: z.int().min(1),
  requestId: count,
  seen: seenSchema,
}) satisfies z.ZodType<LeaseRequest>;

/** A voter's yes: for `leaseUs` of that request it grants the group to nobody else. */
export const leaseGrantSchema = z.strictObject({
  type: z.literal("lease-grant"),
  ...envelopeShape,
  group,
  to: nodeIdSchema,
  toIncarnation: z.int().min(1),
  epoch: z.int().min(1),
  requestId: count,
  seen: seenSchema,
}) satisfies z.ZodType<LeaseGrant>;

/** A voter's no, with what the asker needs to know to ask better. */
export const leaseRefusalSchema = z.strictObject({
  type: z.literal("lease-refusal"),
  ...envelopeShape,
  group,
  to: nodeIdSchema,
  requestId: count,
  reason: z.enum(["held-by-another", "just-started", "older-epoch", "older-document", "not-a-candidate", "epoch-not-stored"]),
  epoch: count,
  holder: nodeIdSchema.nullable(),
  remainingUs: count,
}) satisfies z.ZodType<LeaseRefusal>;

/** A holder or failed candidate to every voter: your promise of this epoch is no longer needed. */
export const leaseReleaseSchema = z.strictObject({
  type: z.literal("lease-release"),
  ...envelopeShape,
  group,
  ...releasedShape,
}) satisfies z.ZodType<LeaseRelease>;

/** The present holder to a voter: for longer, or with 0 no longer for long. */
export const longRequestSchema = z.strictObject({
  type: z.literal("long-request"),
  ...envelopeShape,
  group,
  epoch: z.int().min(1),
  forUs: count,
  requestId: count,
  seen: seenSchema,
}) satisfies z.ZodType<LongRequest>;

/** A voter's yes to that; it is on its disk. */
export const longGrantSchema = z.strictObject({
  type: z.literal("long-grant"),
  ...envelopeShape,
  group,
  to: nodeIdSchema,
  toIncarnation: z.int().min(1),
  epoch: z.int().min(1),
  requestId: count,
  forUs: z.int().min(1),
  seen: seenSchema,
}) satisfies z.ZodType<LongGrant>;

/** The last word of an agent that is only to be started anew. */
export const awaySchema = z.strictObject({ type: z.literal("away"), ...envelopeShape, forUs: count }) satisfies z.ZodType<Away>;
