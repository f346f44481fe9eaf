import { z } from "zod";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { SentOccurrence } from "../../shared/domain/triggers/sent-log.ts";
import type { TriggerAction, TriggerSource } from "../../shared/domain/triggers/trigger.ts";
import { slugSchema, timestampSchema } from "../../shared/protocol/id-schemas.ts";

export const sentLinesMax = 500;

/** What an operator may ask of the triggers, on this server. */
export const triggersRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("list") }),
  z.strictObject({
    kind: z.literal("log"),
    limit: z.int().min(1).max(sentLinesMax),
    trigger: slugSchema.optional(),
    before: timestampSchema.optional(),
  }),
  /** What would stand in the way of `run`. */
  z.strictObject({ kind: z.literal("examine"), trigger: slugSchema }),
  z.strictObject({ kind: z.literal("run"), trigger: slugSchema }),
]);
export type TriggersRequest = z.infer<typeof triggersRequestSchema>;

/** A trigger, and what of this node's settings is missing for its actions (`problem`; null: nothing). */
export interface TriggerLine {
  readonly name: string;
  readonly group: GroupName;
  readonly holderName: string | null;
  readonly source: TriggerSource;
  readonly actions: readonly { readonly name: string; readonly kind: TriggerAction["kind"]; readonly problem: string | null }[];
}

export type TriggersAnswer =
  | { readonly kind: "list"; readonly triggers: readonly TriggerLine[] }
  | { readonly kind: "log"; readonly sent: readonly SentOccurrence[] }
  | { readonly kind: "examine"; readonly trigger: TriggerLine }
  | { readonly kind: "run"; readonly occurrence: string; readonly isReplicated: boolean };
