import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { ClusterEvent } from "../domain/monitoring/cluster-event.ts";
import { preflightFindingsMax } from "../domain/preflight/preflight-report.ts";
import { certificateEventSchemas } from "./certificate-schemas.ts";
import { controlPlaneEventSchemas } from "./control-plane-event-schemas.ts";
import { dnsEventSchemas } from "./dns-event-schemas.ts";
import {
  clusterIdSchema,
  eventIdSchema,
  groupNameSchema,
  nodeIdSchema,
  pathNameSchema,
  slugSchema,
  timestampSchema,
} from "./id-schemas.ts";
import { licenceEventSchemas } from "./licence-event-schemas.ts";
import { preflightIdSchema } from "./preflight-schema.ts";
import { takeoverCourseSchema } from "./takeover-course-schema.ts";
import { triggerEventSchemas } from "./trigger-event-schemas.ts";

const reason = z.string().max(1_000);
const count = z.int().min(0);
const ms = z.number().min(0);
const group = groupNameSchema;
const dataSet = slugSchema;
const keyShown = z.string().max(200);
const address = { name: slugSchema, address: z.string().max(64) };
const drillWay = z.enum(["health", "switchover"]);
/** One reason for each node that was to be taken first. */
const passedOver = z
  .array(z.strictObject({ node: nodeIdSchema, reason }))
  .max(limits.nodesPerClusterMax)
  .readonly()
  .exactOptional();
const votes = { votes: count, voters: count };

export const eventDetailSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("agent.started"), incarnation: count, agentVersion: z.string().max(64) }),
  z.strictObject({ kind: z.literal("agent.stopping"), reason }),
  z.strictObject({ kind: z.literal("agent.detached"), agentVersion: z.string().max(64), backWithinMs: ms }),
  z.strictObject({ kind: z.literal("agent.detach-refused"), reason }),
  z.strictObject({ kind: z.literal("agent.readopted"), incarnation: count, agentVersion: z.string().max(64), awayMs: ms }),
  z.strictObject({ kind: z.literal("node.joined"), node: nodeIdSchema }),
  z.strictObject({ kind: z.literal("node.removed"), node: nodeIdSchema }),
  z.strictObject({
    kind: z.literal("node.silent"),
    node: nodeIdSchema,
    silentMs: ms,
    cause: z.enum(["heartbeats-missed", "connection-closed"]),
  }),
  z.strictObject({ kind: z.literal("path.silent"), node: nodeIdSchema, path: pathNameSchema, silentMs: ms }),
  z.strictObject({ kind: z.literal("path.heard"), node: nodeIdSchema, path: pathNameSchema, silentMs: ms }),
  z.strictObject({ kind: z.literal("node.returned"), node: nodeIdSchema, awayMs: ms }),
  z.strictObject({
    kind: z.literal("group.takeover"),
    group,
    epoch: count,
    from: nodeIdSchema.nullable(),
    silentMs: ms.nullable(),
    // Agents and control planes of the first form did not tell it.
    released: reason.nullable().default(null),
    ...votes,
    startedInMs: ms,
    behind: count,
    course: takeoverCourseSchema.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("group.handover"), group, epoch: count, from: nodeIdSchema, reason, ...votes, startedInMs: ms }),
  z.strictObject({ kind: z.literal("group.stepped-down"), group, epoch: count, reason }),
  z.strictObject({ kind: z.literal("group.safe-halt"), group, epoch: count, reason }),
  z.strictObject({ kind: z.literal("group.nobody-fit"), group, epoch: count, reason }),
  z.strictObject({ kind: z.literal("group.fit-again"), group, epoch: count, unfitMs: ms }),
  z.strictObject({ kind: z.literal("group.switchover-refused"), group, reason }),
  z.strictObject({
    kind: z.literal("group.claimed"),
    group,
    epoch: count,
    from: nodeIdSchema.nullable(),
    silentMs: ms.nullable(),
    by: z.enum(["operator", "probe"]),
    reason,
  }),
  z.strictObject({ kind: z.literal("group.takeover-refused"), group, reason }),
  z.strictObject({ kind: z.literal("node.rewound"), incarnation: count, seenIncarnation: count }),
  z.strictObject({ kind: z.literal("node.cloned"), node: nodeIdSchema, address: z.string().max(64), run: z.uuid() }),
  z.strictObject({ kind: z.literal("group.flapping"), group, epoch: count, moves: count, withinMs: ms, frozenForMs: ms }),
  z.strictObject({ kind: z.literal("group.settled"), group, epoch: count }),
  z.strictObject({ kind: z.literal("node.quarantined"), leaves: count, withinMs: ms, forMs: ms }),
  z.strictObject({ kind: z.literal("node.quarantine-over") }),
  z.strictObject({ kind: z.literal("node.maintenance-begun"), reason }),
  z.strictObject({ kind: z.literal("node.maintenance-over"), lastedMs: ms }),
  z.strictObject({
    kind: z.literal("drill.completed"),
    group,
    way: drillWay,
    to: nodeIdSchema,
    silence: z.strictObject({ atLeastMs: ms, atMostMs: ms }).nullable(),
  }),
  z.strictObject({ kind: z.literal("drill.failed"), group, way: drillWay, reason }),
  z.strictObject({ kind: z.literal("quorum.degraded"), reachable: count, voters: count }),
  z.strictObject({ kind: z.literal("quorum.restored"), reachable: count, voters: count }),
  z.strictObject({ kind: z.literal("service.failed"), group, service: slugSchema, reason }),
  z.strictObject({ kind: z.literal("service.restarted"), group, service: slugSchema, reason }),
  z.strictObject({ kind: z.literal("check.failed"), group, check: slugSchema, reason }),
  z.strictObject({ kind: z.literal("check.recovered"), group, check: slugSchema, failedMs: ms }),
  z.strictObject({ kind: z.literal("shared-data.failed"), dataSet: slugSchema, reason }),
  z.strictObject({ kind: z.literal("shared-data.recovered"), dataSet: slugSchema, failedMs: ms }),
  z.strictObject({ kind: z.literal("service.left-behind"), service: slugSchema, reason }),
  z.strictObject({ kind: z.literal("address.failed"), group, ...address, reason }),
  z.strictObject({ kind: z.literal("address.conflict"), group, ...address, mac: z.string().max(64) }),
  z.strictObject({ kind: z.literal("address.left-behind"), name: slugSchema, reason }),
  z.strictObject({ kind: z.literal("loop.late"), lateMs: ms }),
  z.strictObject({ kind: z.literal("replication.snapshot-started"), dataSet, donor: nodeIdSchema, bytesTotal: count }),
  z.strictObject({ kind: z.literal("replication.snapshot-finished"), dataSet, donor: nodeIdSchema, rows: count, durationMs: ms }),
  z.strictObject({ kind: z.literal("replication.resync-started"), dataSet, reason }),
  z.strictObject({
    kind: z.literal("replication.resync-finished"),
    dataSet,
    donor: nodeIdSchema,
    rows: count,
    carried: count,
    durationMs: ms,
  }),
  z.strictObject({ kind: z.literal("replication.resync-failed"), dataSet, reason }),
  z.strictObject({ kind: z.literal("replication.bypass"), dataSet, expected: nodeIdSchema, using: nodeIdSchema, reason, passedOver }),
  z.strictObject({ kind: z.literal("replication.failback"), dataSet, peer: nodeIdSchema }),
  z.strictObject({ kind: z.literal("replication.no-peer"), dataSet, reason, passedOver }),
  z.strictObject({
    kind: z.literal("replication.log-filling"),
    dataSet,
    node: nodeIdSchema,
    usedPercent: z.int().min(0).max(100),
    of: z.enum(["changes", "days"]),
  }),
  z.strictObject({ kind: z.literal("replication.caught-up"), dataSet, changes: count, durationMs: ms }),
  z.strictObject({ kind: z.literal("replication.merged"), dataSet, from: nodeIdSchema, changes: count, conflicts: count }),
  z.strictObject({
    kind: z.literal("data.drift"),
    dataSet,
    table: z.string().max(1_024),
    from: keyShown,
    to: keyShown,
    rows: count,
    nodes: z.array(nodeIdSchema).max(limits.nodesPerClusterMax).readonly(),
    repaired: count,
  }),
  z.strictObject({ kind: z.literal("replication.rewound"), dataSet, from: nodeIdSchema, changes: count }),
  z.strictObject({ kind: z.literal("replication.conflicts-open"), dataSet, open: count }),
  z.strictObject({
    kind: z.literal("files.set_aside"),
    dataSet,
    paths: count.min(1),
    first: z.array(keyShown).min(1).max(limits.filePathsPerEventMax).readonly(),
  }),
  z.strictObject({ kind: z.literal("replication.refused"), dataSet, reason }),
  z.strictObject({ kind: z.literal("replication.ready"), dataSet, refusedMs: ms }),
  z.strictObject({ kind: z.literal("replication.stale"), dataSet, origin: nodeIdSchema, ageMs: ms, limitMs: ms }),
  z.strictObject({ kind: z.literal("replication.fresh"), dataSet, origin: nodeIdSchema, staleMs: ms }),
  z.strictObject({
    kind: z.literal("clock.skewed"),
    node: nodeIdSchema,
    than: nodeIdSchema.nullable(),
    aheadMs: z.number(),
    uncertaintyMs: ms,
    limitMs: ms,
  }),
  z.strictObject({ kind: z.literal("clock.aligned"), node: nodeIdSchema, than: nodeIdSchema.nullable(), skewedMs: ms }),
  z.strictObject({ kind: z.literal("outbox.overflow"), dropped: count }),
  z.strictObject({ kind: z.literal("document.refused"), reason }),
  z.strictObject({
    kind: z.literal("preflight.overridden"),
    checks: z.array(preflightIdSchema).min(1).max(preflightFindingsMax).readonly(),
  }),
  ...dnsEventSchemas,
  ...licenceEventSchemas,
  ...certificateEventSchemas,
  ...controlPlaneEventSchemas,
  ...triggerEventSchemas,
]);

export const clusterEventSchema = z.strictObject({
  eventId: eventIdSchema,
  clusterId: clusterIdSchema,
  reporter: nodeIdSchema,
  at: timestampSchema,
  severity: z.enum(["info", "warning", "critical"]),
  detail: eventDetailSchema,
}) satisfies z.ZodType<ClusterEvent>;
