import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { ConflictPolicy, TableConflicts } from "../domain/replication/conflict-policy.ts";
import { nodeIdSchema } from "./id-schemas.ts";

/** Preferred first. Nodes may be listed that are no members any more. */
const order = z.array(nodeIdSchema).min(1).max(limits.conflictOrderMax);

const newest = z.strictObject({ policy: z.literal("newest") });
const priority = z.strictObject({ policy: z.literal("priority"), order });
const manual = z.strictObject({ policy: z.literal("manual") });
const columns = z.strictObject({ policy: z.literal("columns") });

/** As the form of a table's rows carries it: what lost is settled by how it was written. */
export const conflictPolicySchema = z.discriminatedUnion("policy", [newest, priority, manual, columns]) satisfies z.ZodType<ConflictPolicy>;

const named = { table: z.string().min(1).max(128) };

/** As a data set declares it. */
export const tableConflictsSchema = z.discriminatedUnion("policy", [
  newest.extend(named),
  priority.extend(named),
  manual.extend(named),
  columns.extend(named),
]) satisfies z.ZodType<TableConflicts>;
