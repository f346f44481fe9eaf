import { z } from "zod";
import type { ClusterSetting } from "../domain/settings/cluster-setting.ts";

/** One of shared/config/cluster-settings.ts. */
const clusterSettingSchema = z.strictObject({
  path: z.string(),
  of: z.string().exactOptional(),
  unit: z.enum(["ms", "s", "days", "nodes", "entries", "resources", "occurrences", "hops"]).exactOptional(),
  range: z.strictObject({ min: z.number(), max: z.number() }).exactOptional(),
  values: z.array(z.string()).readonly().exactOptional(),
  byDefault: z.union([z.string(), z.number(), z.boolean()]).exactOptional(),
  advice: z.string(),
  changedBy: z.string(),
}) satisfies z.ZodType<ClusterSetting>;

/** Answer of `GET /v1/settings`. */
export const clusterSettingsSchema = z.strictObject({ settings: z.array(clusterSettingSchema) });
