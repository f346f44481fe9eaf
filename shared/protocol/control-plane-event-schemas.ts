import { z } from "zod";
import { nodeIdSchema } from "./id-schemas.ts";

const ms = z.number().min(0);

/** The control plane's own: none is taken from a node. */
export const controlPlaneEventSchemas = [
  z.strictObject({ kind: z.literal("site.silent"), nodes: z.int().min(0), silentMs: ms }),
  z.strictObject({ kind: z.literal("site.returned"), awayMs: ms }),
  z.strictObject({ kind: z.literal("event.refused"), node: nodeIdSchema, what: z.string().max(64), reason: z.string().max(1_000) }),
  z.strictObject({ kind: z.literal("alerts.test"), by: z.string().max(200) }),
] as const;
