import { z } from "zod";
import { hostSchema, portSchema } from "../../shared/protocol/id-schemas.ts";
import { commandCheckSchema, looks } from "./check-settings.ts";
import { absolutePath, milliseconds } from "./setting-kinds.ts";

const pace = {
  ...looks,
  intervalMs: milliseconds({ min: 1_000, max: 600_000, byDefault: 10_000 }).describe("Pause between two looks."),
  fall: z.int().min(1).max(100).default(3).describe("So many bad looks in a row, and it counts as failed (`shared-data.failed`)."),
  rise: z.int().min(1).max(100).default(2).describe("So many good looks in a row, and it answers again (`shared-data.recovered`)."),
} as const;

/** How this node looks whether a database that all nodes use answers. Where that is only its own settings say: no request goes where the cloud wants. */
export const sharedDataSettingsSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sqlite"),
    ...pace,
    path: absolutePath.describe("`kind: sqlite`: the file. It must be a database with tables, and readable."),
  }),
  z.strictObject({
    kind: z.literal("tcp"),
    ...pace,
    host: hostSchema.describe("`kind: tcp`: name or address of the database server. A connection must be accepted; nothing is sent."),
    port: portSchema.describe("`kind: tcp`: its port."),
  }),
  z.strictObject({
    kind: z.literal("command"),
    ...pace,
    command: commandCheckSchema.shape.command,
    workingDirectory: commandCheckSchema.shape.workingDirectory,
  }),
]);

export type SharedDataSettings = z.infer<typeof sharedDataSettingsSchema>;
