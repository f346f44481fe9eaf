import { rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { readIfPresent } from "../storage/durable-file.ts";

const processSchema = z.strictObject({ pid: z.int().min(1), startTicks: z.int().min(0) });

/** What a guardian runs, noted before it runs it: an agent that starts after both were killed takes it down by this. */
export const serviceRecordSchema = z.strictObject({
  guardian: processSchema.nullable(),
  services: z.array(z.strictObject({ name: z.string().max(63), process: processSchema.nullable() })).max(1_024),
});
export type ServiceRecord = z.infer<typeof serviceRecordSchema>;

/**
 * Replaces the record whole, without waiting for the disk itself: what it names is gone after a power loss anyway, and a
 * takeover shall not wait for a slow disk.
 */
export async function writeServiceRecord(path: string, record: ServiceRecord): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
  await rename(temporary, path);
}

/** Null where there is none, or none that can be read (the machine lost power while it was written). */
export async function readServiceRecord(path: string): Promise<ServiceRecord | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  try {
    return serviceRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
