import { z } from "zod";
import { type ClusterSetting, outOfRange } from "../domain/settings/cluster-setting.ts";

/** A whole number within its setting's range; outside of it, range and advice are said. */
export function boundedInt(setting: ClusterSetting & { readonly range: { readonly min: number; readonly max: number } }) {
  const { range, advice } = setting;
  const problem = outOfRange(setting);
  return z.int().min(range.min, problem).max(range.max, problem).describe(advice);
}
