import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { CleanStop } from "../../shared/domain/failover/durable-record.ts";
import { bootId } from "./boot-id.ts";
import { readIfPresent, syncDirectory, writeDurably } from "./durable-file.ts";
import { keptGrantSchema } from "./kept-grant-schema.ts";
import { parseJson } from "./parse-json.ts";

const proofSchema = z.strictObject({ bootId: z.string(), grants: z.array(keptGrantSchema) });

/** The proof that the last run has left, where it is of this boot of the machine; it is gone from the disk when this resolves, so that it serves once. */
export async function takeCleanStop(path: string): Promise<CleanStop | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  await rm(path);
  await syncDirectory(dirname(path));
  const proof = proofSchema.safeParse(parseJson(text));
  if (!proof.success || proof.data.bootId !== (await bootId())) return null;
  return { grants: proof.data.grants };
}

/** Written after everything was released and nothing more will be granted. */
export async function leaveCleanStop(path: string, { grants }: CleanStop): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ bootId: await bootId(), grants })}\n`);
}
