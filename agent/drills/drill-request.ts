import { z } from "zod";
import { groupNameSchema } from "../../shared/protocol/id-schemas.ts";

/** What the CLI asks of the agent. `to` names a node by its id or its name; without it this node's health fails for the group. */
export const drillRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("run"), group: groupNameSchema, to: z.string().min(1).max(63).optional() }),
  z.strictObject({ kind: z.literal("list") }),
  z.strictObject({ kind: z.literal("cancel") }),
]);

export type DrillRequest = z.infer<typeof drillRequestSchema>;
