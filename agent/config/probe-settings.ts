import { z } from "zod";
import { portSchema } from "../../shared/protocol/id-schemas.ts";
import { httpExpectations, looks } from "./check-settings.ts";

const pace = {
  ...looks,
  fall: z.int().min(1).max(100).default(3).describe("So many bad looks in a row, and the node counts as `ko` there."),
  rise: z.int().min(1).max(100).default(2).describe("So many good looks in a row, and it is `ok` again."),
} as const;

export const probeSettingsSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("http"),
    ...pace,
    port: portSchema.describe("The service's port, at each node's `host` of the cluster document. `kind: sip`: UDP."),
    tls: z.boolean().default(false).describe("`kind: http`: whether it is asked over HTTPS."),
    path: z
      .string()
      .max(1_024)
      .regex(/^\/[^\s#]*$/, "must be a path, as /health")
      .default("/")
      .describe("`kind: http`: what is asked for. Redirects are not followed: their status is what counts."),
    ...httpExpectations,
  }),
  z.strictObject({
    kind: z.literal("tcp"),
    ...pace,
    port: portSchema.describe("The service's port, at each node's `host` of the cluster document. `kind: sip`: UDP."),
  }),
  z.strictObject({
    kind: z.literal("sip"),
    ...pace,
    port: portSchema.describe("The service's port, at each node's `host` of the cluster document. `kind: sip`: UDP."),
  }),
]);

export type ProbeSettings = z.infer<typeof probeSettingsSchema>;
