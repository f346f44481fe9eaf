import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { NodeReport } from "../domain/monitoring/node-report.ts";
import type { DataSetStatus } from "../domain/replication/replication-status.ts";
import { runsToldPerTrigger } from "../domain/triggers/trigger-run.ts";
import { clusterEventSchema } from "./event-schema.ts";
import {
  clusterIdSchema,
  eventIdSchema,
  groupNameSchema,
  nodeIdSchema,
  originIdSchema,
  pathNameSchema,
  sha256HexSchema,
  slugSchema,
  timestampSchema,
} from "./id-schemas.ts";
import { preflightReportSchema } from "./preflight-schema.ts";
import { triggerRunSchema } from "./trigger-run-schema.ts";

/** Node to cloud on `cloudTopics.events`. */
export const eventBatchSchema = z.strictObject({ events: z.array(clusterEventSchema).min(1).max(limits.eventsPerMessageMax) });
export type EventBatch = z.infer<typeof eventBatchSchema>;

/** Cloud to node on `cloudTopics.receipts`: these events are stored, or refused for good with the reason; the node may forget them. */
export const eventReceiptSchema = z.strictObject({
  stored: z.array(eventIdSchema).max(limits.eventsPerMessageMax),
  refused: z.array(z.strictObject({ eventId: z.string().max(200), reason: z.string().max(1_000) })).max(limits.eventsPerMessageMax),
});
export type EventReceipt = z.infer<typeof eventReceiptSchema>;

/** Cloud to nodes, retained, on `cloudTopics.document`: a compact JWS whose payload is a cluster document. */
export const signedDocumentSchema = z.strictObject({ document: z.string().max(limits.clusterDocumentBytesMax) });
export type SignedDocument = z.infer<typeof signedDocumentSchema>;

export const dataSetStatusSchema = z.strictObject({
  name: slugSchema,
  phase: z.enum(["waiting-for-database", "receiving-snapshot", "following", "refused"]),
  vector: z.record(originIdSchema, z.int().min(0)),
  progress: z
    .strictObject({
      donor: nodeIdSchema,
      step: z.enum(["copying", "checking"]),
      sources: z.int().min(0),
      bytesDone: z.int().min(0),
      bytesTotal: z.int().min(0),
      bytesPerSecond: z.number().min(0),
      etaSeconds: z.number().min(0),
    })
    .exactOptional(),
  syncingWith: z.strictObject({ nodeId: nodeIdSchema, expected: z.boolean() }).exactOptional(),
  unacknowledged: z.strictObject({ changes: z.int().min(0), oldestAgeMs: z.number().min(0) }),
  behind: z.int().min(0),
  openConflicts: z.int().min(1).exactOptional(),
  withheld: z.int().min(1).exactOptional(),
  problem: z.string().max(1_000).exactOptional(),
}) satisfies z.ZodType<DataSetStatus>;

/** Node to cloud on `cloudTopics.report`. */
export const nodeReportSchema = z.strictObject({
  clusterId: clusterIdSchema,
  nodeId: nodeIdSchema,
  at: timestampSchema,
  agentVersion: z.string().max(64),
  incarnation: z.int().min(1),
  documentVersion: z.int().min(1),
  certificateSha256: sha256HexSchema.exactOptional(),
  groups: z
    .array(
      z.strictObject({
        name: groupNameSchema,
        state: z.string().max(64),
        epoch: z.int().min(0),
        holder: nodeIdSchema.nullable(),
        ineligible: z.string().max(1_000).exactOptional(),
      }),
    )
    .max(limits.groupsPerClusterMax),
  peers: z
    .array(
      z.strictObject({
        nodeId: nodeIdSchema,
        reachable: z.boolean(),
        lastHeardMs: z.number().min(0).nullable(),
        paths: z
          .array(z.strictObject({ name: pathNameSchema, heard: z.boolean() }))
          .max(limits.pathsPerNodeMax)
          .exactOptional(),
      }),
    )
    .max(limits.nodesPerClusterMax),
  dataSets: z.array(dataSetStatusSchema).max(limits.dataSetsPerClusterMax),
  alarms: z
    .array(
      z.strictObject({
        name: z.enum(["readiness", "activity", "age", "time"]),
        dataSet: slugSchema.nullable(),
        colour: z.enum(["green", "yellow", "red", "grey"]),
        reason: z.string().max(1_000),
      }),
    )
    // Three for each data set, and one about the clock.
    .max(3 * limits.dataSetsPerClusterMax + 1)
    .exactOptional(),
  cloudVote: z
    .strictObject({
      answers: z.int().min(0),
      lost: z.int().min(0),
      p50Ms: z.number().min(0).nullable(),
      p99Ms: z.number().min(0).nullable(),
    })
    .exactOptional(),
  triggerRuns: z
    .array(triggerRunSchema)
    .max(limits.triggersPerClusterMax * runsToldPerTrigger)
    .exactOptional(),
  preflight: preflightReportSchema.exactOptional(),
}) satisfies z.ZodType<NodeReport>;
