import { z } from "zod";
import { clusterSettings } from "../config/cluster-settings.ts";
import { limits } from "../config/limits.ts";
import type { ClusterDocument } from "../domain/membership/cluster-document.ts";
import { mainPath } from "../domain/membership/lan-path.ts";
import { approvalSchema } from "./approvals.ts";
import { boundedInt } from "./bounded-int.ts";
import { certifiedShape } from "./certificate-schemas.ts";
import { tableConflictsSchema } from "./conflict-policy-schema.ts";
import {
  clusterIdSchema,
  customerIdSchema,
  displayNameSchema,
  groupNameSchema,
  hostSchema,
  nodeIdSchema,
  pathNameSchema,
  portSchema,
  slugSchema,
  timestampSchema,
} from "./id-schemas.ts";
import { resourceSchema } from "./resource-schema.ts";
import { triggersSchema } from "./trigger-schema.ts";

/** Beside the one by the node's first address. */
export const lanPathsSchema = z
  .array(z.strictObject({ name: pathNameSchema, host: hostSchema }))
  .max(limits.pathsPerNodeMax - 1)
  .refine(
    (paths) => new Set([mainPath, ...paths.map(({ name }) => name)]).size === paths.length + 1,
    `each needs a name of its own, and none is ${mainPath}`,
  );

export const clusterNodeSchema = z.strictObject({
  nodeId: nodeIdSchema,
  name: displayNameSchema,
  role: z.enum(["primary", "secondary"]),
  voting: z.boolean(),
  host: hostSchema,
  paths: lanPathsSchema.exactOptional(),
  heartbeatPort: portSchema,
  replicationPort: portSchema,
  ...certifiedShape,
});

const agentWitnessSchema = z.strictObject({
  kind: z.literal("agent"),
  nodeId: nodeIdSchema,
  name: displayNameSchema,
  voting: z.boolean(),
  host: hostSchema,
  heartbeatPort: portSchema,
  ...certifiedShape,
});

const cloudWitnessSchema = z.strictObject({
  kind: z.literal("cloud"),
  nodeId: nodeIdSchema,
  name: displayNameSchema,
  voting: z.boolean(),
});

export const witnessSchema = z.discriminatedUnion("kind", [agentWitnessSchema, cloudWitnessSchema]);

export const failbackSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("manual") }),
  z.strictObject({ mode: z.literal("automatic"), stableForMs: boundedInt(clusterSettings.stableForMs) }),
]);

export const priorityGroupSchema = z.strictObject({
  name: groupNameSchema,
  order: z.array(nodeIdSchema).max(limits.nodesPerClusterMax),
  resources: z.array(resourceSchema).max(limits.resourcesPerGroupMax),
  failback: failbackSchema,
  swapOnReset: z.boolean().optional(),
});

const sqlNameSchema = z.string().min(1).max(128);

/** A table; columns of one; or rows of one, by their keys. */
const localPartSchema = z.union([
  sqlNameSchema,
  z.strictObject({ table: sqlNameSchema, columns: z.array(sqlNameSchema).min(1).max(limits.localPatternsMax) }),
  z.strictObject({
    table: sqlNameSchema,
    keys: z.array(z.string().min(1).max(256)).min(1).max(limits.localPatternsMax),
    column: sqlNameSchema.exactOptional(),
  }),
]);

const databaseSchema = z.strictObject({
  kind: z.literal("sqlite"),
  local: z.array(localPartSchema).max(1_000),
  conflicts: z.array(tableConflictsSchema).max(limits.conflictTablesMax).exactOptional(),
  clock: z.strictObject({ whenSkewed: z.enum(["inhibit", "hlc"]), skewMsMax: boundedInt(clusterSettings.skewMsMax) }).exactOptional(),
});
const recordsSchema = z.strictObject({
  kind: z.enum(["config", "state"]),
  group: groupNameSchema,
  local: z.array(z.string()).max(0, "must be empty: only an application's database has tables of its own").default([]),
});

export const filesSchema = z.strictObject({
  kind: z.literal("files"),
  group: groupNameSchema,
  local: z.array(z.string().min(1).max(256)).max(100).default([]),
});

const sharedSchema = z.strictObject({ kind: z.literal("shared") });

/** What a data set is, beside its name. */
export const dataSetContentSchema = z.discriminatedUnion("kind", [databaseSchema, recordsSchema, filesSchema, sharedSchema]);

const named = { name: slugSchema };
export const dataSetSchema = z.discriminatedUnion("kind", [
  databaseSchema.extend(named),
  recordsSchema.extend(named),
  filesSchema.extend(named),
  sharedSchema.extend(named),
]);

/** A profile by its name, or one of the cluster's own; how its timings must stand to each other is domain/failover/timing-rules.ts. */
export const timingSchema = z.union([
  z.enum(["fast", "default", "patient"]),
  z.strictObject({
    leaseMs: boundedInt(clusterSettings.leaseMs),
    heartbeatIntervalMs: boundedInt(clusterSettings.heartbeatIntervalMs),
    suspectAfterMs: z.strictObject({
      least: boundedInt(clusterSettings.suspectAfterLeastMs),
      usual: boundedInt(clusterSettings.suspectAfterUsualMs),
      most: boundedInt(clusterSettings.suspectAfterMostMs),
    }),
    rankDelayMs: boundedInt(clusterSettings.rankDelayMs),
  }),
]);

export const whenAloneSchema = z.enum(["stop", "survivor", "probe"]);

/** The payload of the signed cluster document. Shape only; what must hold across its parts is domain/membership/document-rules.ts. */
export const clusterDocumentSchema = z.strictObject({
  schema: z.literal(1),
  customerId: customerIdSchema,
  clusterId: clusterIdSchema,
  name: displayNameSchema,
  version: z.int().min(1),
  issuedAt: timestampSchema,
  nodes: z.array(clusterNodeSchema).max(limits.nodesPerClusterMax),
  groups: z.array(priorityGroupSchema).min(1).max(limits.groupsPerClusterMax),
  dataSets: z.array(dataSetSchema).max(limits.dataSetsPerClusterMax),
  timing: timingSchema,
  witness: witnessSchema.exactOptional(),
  whenAlone: whenAloneSchema.exactOptional(),
  triggers: triggersSchema.exactOptional(),
  cloudWitness: z.literal("off").exactOptional(),
  approval: approvalSchema.exactOptional(),
}) satisfies z.ZodType<ClusterDocument>;
