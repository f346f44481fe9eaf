import { isAbsolute } from "node:path";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";

/* Kinds of values that several settings have. */

export const absolutePath = z
  .string()
  .max(4_096)
  .refine((path) => isAbsolute(path), "must be an absolute path");

export const argv = z
  .tuple([absolutePath], z.string().max(limits.argvEntryLengthMax))
  .refine((entries) => entries.length <= limits.argvEntriesMax, `must have at most ${limits.argvEntriesMax} entries`);

export function milliseconds(range: { readonly min: number; readonly max: number; readonly byDefault: number }) {
  return z.int().min(range.min).max(range.max).default(range.byDefault);
}
