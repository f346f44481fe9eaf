import { z } from "zod";
import { limits } from "../config/limits.ts";
import { newMaintenanceSchema, subscribeSchema } from "./alert-contract.ts";
import { customerSchema } from "./api-contract.ts";
import { clusterIdSchema, customerIdSchema, displayNameSchema, timestampSchema } from "./id-schemas.ts";
import { licenceStandingSchema } from "./licence-contract.ts";

/** Bodies of the HTTP API that are about many clusters at once. */

const healths = ["down", "degraded", "unknown", "empty", "ok"] as const;
const count = z.int().min(0);

export const clusterSummarySchema = z.strictObject({
  clusterId: clusterIdSchema,
  customerId: customerIdSchema,
  customerName: displayNameSchema,
  status: z.strictObject({
    name: displayNameSchema,
    health: z.enum(healths),
    /** In words. */
    reason: z.string(),
    since: timestampSchema.nullable(),
    problems: count,
    nodes: z.array(
      z.strictObject({
        name: displayNameSchema,
        condition: z.enum(["up", "isolated", "offline", "down", "unknown", "joining"]),
        isUp: z.boolean(),
      }),
    ),
    /** Names of the nodes that are operational for some group. */
    operational: z.array(displayNameSchema),
    addresses: z.array(z.string()),
  }),
  /** Of those that go on, or may. */
  incidents: z.strictObject({ open: count, unacknowledged: count, critical: count }),
  licence: z.strictObject({
    state: licenceStandingSchema.shape.state,
    trial: z.boolean(),
    next: licenceStandingSchema.shape.next,
    usage: licenceStandingSchema.shape.usage,
    nodes: licenceStandingSchema.shape.nodes,
    users: licenceStandingSchema.shape.users.omit({ declared: true }),
  }),
  changedAt: timestampSchema,
});

const search = z.string().max(63);
/** The `next` of the page before. */
const after = z.string().max(1_000);

export const fleetQuerySchema = z.strictObject({
  /** Part of the name of a customer, a cluster or a node, of an address, or of an id. */
  q: search.default(""),
  health: z.enum(healths).exactOptional(),
  customerId: customerIdSchema.exactOptional(),
  incidents: z.enum(["unacknowledged"]).exactOptional(),
  /** `id` stays as it is while healths change: each cluster is on one page. `trouble` is what needs somebody first. */
  order: z.enum(["id", "trouble"]).default("id"),
  limit: z.coerce.number().int().min(1).max(limits.clustersPerPageMax).default(100),
  after: after.exactOptional(),
});
export type FleetQuery = z.infer<typeof fleetQuerySchema>;

export const fleetPageSchema = z.strictObject({
  clusters: z.array(clusterSummarySchema),
  /** By health, of all clusters that the caller may see, whatever was asked for. */
  counts: z.strictObject({ down: count, degraded: count, unknown: count, empty: count, ok: count }),
  /** How many clusters are like that, on all pages. */
  found: count,
  next: z.string().exactOptional(),
});

export const customerQuerySchema = z.strictObject({
  /** Part of its name or id. */
  q: search.default(""),
  limit: z.coerce.number().int().min(1).max(limits.customersPerPageMax).default(limits.customersPerPageMax),
  after: after.exactOptional(),
});
export type CustomerQuery = z.infer<typeof customerQuerySchema>;
export const customerPageSchema = z.strictObject({ customers: z.array(customerSchema), next: z.string().exactOptional() });

/** Done for each of many clusters as if for it alone. `subscribe`: for their customers. */
export const bulkActionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("maintenance"), ...newMaintenanceSchema.omit({ clusterId: true }).shape }),
  /** Every incident that goes on and that nobody has acknowledged. */
  z.strictObject({ kind: z.literal("acknowledge") }),
  z.strictObject({ kind: z.literal("subscribe"), ...subscribeSchema.shape }),
]);
export type BulkAction = z.infer<typeof bulkActionSchema>;

export const actOnClustersSchema = z.strictObject({
  clusterIds: z.array(clusterIdSchema).min(1).max(limits.clustersPerBulkActionMax),
  action: bulkActionSchema,
});
export const bulkOutcomesSchema = z.strictObject({
  outcomes: z.array(
    z.strictObject({
      clusterId: clusterIdSchema,
      name: displayNameSchema.nullable(),
      outcome: z.enum(["done", "unchanged", "refused", "failed"]),
      message: z.string(),
      nextStep: z.string().nullable(),
    }),
  ),
});
