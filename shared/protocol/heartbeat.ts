import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { Heartbeat, NodeStatus } from "../domain/failover/messages.ts";
import { movesKeptMax } from "../domain/priority/flap-guard.ts";
import { dataSetStatusSchema } from "./cloud-messages.ts";
import { groupNameSchema, nodeIdSchema } from "./id-schemas.ts";

const count = z.int().min(0);
const durationUs = z.int().min(0);
const reason = z.string().max(1_000);

/** What every LAN message says of its sender. */
export const envelopeShape = {
  from: nodeIdSchema,
  incarnation: z.int().min(1),
  sequence: count,
  documentVersion: z.int().min(1),
} as const;

export const releasedShape = { epoch: count, successor: nodeIdSchema.nullable(), planned: z.boolean(), reason } as const;

export const seenSchema = z.strictObject({ incarnation: z.int().min(1), sequence: count }).nullable();

const nodeStatusSchema = z.strictObject({
  threadAgesMs: z.record(z.string().max(64), z.number().min(0)),
  dataSets: z.array(dataSetStatusSchema).max(limits.dataSetsPerClusterMax),
  groupProblems: z.record(groupNameSchema, reason),
}) satisfies z.ZodType<NodeStatus>;

export const heartbeatSchema = z.strictObject({
  type: z.literal("heartbeat"),
  ...envelopeShape,
  groups: z
    .array(
      z.strictObject({
        group: groupNameSchema,
        state: z.string().max(64),
        epoch: count,
        highestAsked: count,
        holder: nodeIdSchema.nullable(),
        ineligible: reason.nullable(),
        released: z.strictObject(releasedShape).nullable(),
        moves: z.array(z.strictObject({ epoch: count, ageUs: durationUs })).max(movesKeptMax),
        movesForgiven: count,
        sole: z.strictObject({ number: count, node: nodeIdSchema.nullable() }),
        soleWish: count,
      }),
    )
    .max(limits.groupsPerClusterMax),
  grants: z
    .array(
      z.strictObject({
        group: groupNameSchema,
        to: nodeIdSchema,
        toIncarnation: z.int().min(1),
        epoch: count,
        requestId: count,
        remainingUs: durationUs,
      }),
    )
    .max(limits.groupsPerClusterMax),
  lastHeard: z
    .array(
      z.strictObject({
        node: nodeIdSchema,
        ageUs: durationUs,
        incarnation: z.int().min(1),
        sequence: count,
        quarantineUs: durationUs,
        readmissions: count,
      }),
    )
    .max(limits.nodesPerClusterMax),
  quarantineUs: durationUs,
  readmissions: count,
  status: nodeStatusSchema,
}) satisfies z.ZodType<Heartbeat>;
