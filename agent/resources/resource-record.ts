import { rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { readIfPresent } from "../storage/durable-file.ts";
import type { ResourceTrace } from "./resource.ts";

const processSchema = z.strictObject({ pid: z.int().min(1), startTicks: z.int().min(0) });

/** What a guardian runs, noted before it runs it: an agent that starts after both were killed takes it down by this. */
export const resourceRecordSchema = z.strictObject({
  guardian: processSchema.nullable(),
  resources: z
    .array(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("service"), name: z.string().max(63), process: processSchema.nullable() }),
        z.strictObject({ kind: z.literal("address"), name: z.string().max(63), address: z.string().max(64) }),
      ]) satisfies z.ZodType<ResourceTrace>,
    )
    .max(1_024),
});
export type ResourceRecord = z.infer<typeof resourceRecordSchema>;

/**
 * Replaces the record whole, without waiting for the disk itself: what it names is gone after a power loss anyway, and a
 * takeover shall not wait for a slow disk.
 */
export async function writeResourceRecord(path: string, record: ResourceRecord): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
  await rename(temporary, path);
}

/** Null where there is none, or none that can be read (the machine lost power while it was written). */
export async function readResourceRecord(path: string): Promise<ResourceRecord | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  try {
    return resourceRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
