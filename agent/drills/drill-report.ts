import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { groupNameSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";

/** So many are kept, the newest. */
export const drillReportsMax = 50;
const stepsMax = 16;

const ms = z.number().min(0);

/** What an exercise came to, on the node that ran the group before it. Times in milliseconds; `afterMs` since the drill's beginning. */
export const drillReportSchema = z.strictObject({
  id: z.uuid(),
  group: groupNameSchema,
  /** `health`: the node said of itself that it is not well, and the group went where the rules say. `switchover`: it was handed to a named node. */
  way: z.enum(["health", "switchover"]),
  /** The node that ran the group, and the one that has taken it; null while nobody has. */
  from: nodeIdSchema,
  to: nodeIdSchema.nullable(),
  /** Wall-clock time, ISO 8601 in UTC. */
  startedAt: z.iso.datetime(),
  outcome: z.enum(["running", "completed", "failed"]),
  /** Why it failed; null where it did not. */
  reason: z.string().max(1_000).nullable(),
  steps: z
    .array(z.strictObject({ what: z.string().max(200), afterMs: ms }))
    .max(stepsMax)
    .readonly(),
  /** By address, as the node that ran it before has asked for it: between these bounds nobody answered. */
  silences: z
    .array(z.strictObject({ address: z.string().max(64), atLeastMs: ms, atMostMs: ms }))
    .max(limits.resourcesPerGroupMax)
    .readonly(),
});

export type DrillReport = z.infer<typeof drillReportSchema>;
export type DrillWay = DrillReport["way"];
