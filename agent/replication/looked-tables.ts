import { z } from "zod";

/** What `table-look` has found in an application's database. */
export const lookedTablesSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("busy") }),
  z.strictObject({ kind: z.literal("unreadable"), problem: z.string() }),
  z.strictObject({ kind: z.literal("database"), tables: z.int().min(0), problems: z.array(z.string()) }),
]);
export type LookedTables = z.infer<typeof lookedTablesSchema>;
