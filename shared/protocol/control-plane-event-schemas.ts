import { z } from "zod";

const ms = z.number().min(0);

/** The control plane's own: none is taken from a node. */
export const controlPlaneEventSchemas = [
  z.strictObject({ kind: z.literal("site.silent"), nodes: z.int().min(0), silentMs: ms }),
  z.strictObject({ kind: z.literal("site.returned"), awayMs: ms }),
  z.strictObject({ kind: z.literal("alerts.test"), by: z.string().max(200) }),
] as const;
