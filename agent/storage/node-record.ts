import { z } from "zod";
import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import { groupNameSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "./durable-file.ts";

const recordSchema = z.strictObject({
  incarnation: z.int().min(1),
  epochCeilings: z.record(groupNameSchema, z.int().min(0)),
  // A record of before there were any names nobody.
  soles: z.record(groupNameSchema, z.strictObject({ number: z.int().min(0), node: nodeIdSchema.nullable() })).default({}),
  // Earlier versions of the agent made no long promises.
  longPromises: z
    .record(
      groupNameSchema,
      z.strictObject({
        to: nodeIdSchema,
        toIncarnation: z.int(),
        epoch: z.int(),
        requestId: z.int(),
        forUs: z.int(),
        documentVersion: z.int(),
      }),
    )
    .default({}),
}) satisfies z.ZodType<DurableRecord>;

/** The record for this start: the incarnation has grown, and is on disk before anybody hears of it. Throws `AgentError` where the file is damaged. */
export async function advanceNodeRecord(path: string): Promise<DurableRecord> {
  const last = await readNodeRecord(path);
  const next: DurableRecord = { ...last, incarnation: last.incarnation + 1 };
  await writeNodeRecord(path, next);
  return next;
}

/** As it lies there: for an agent that goes on as the incarnation before it. Throws `AgentError` where the file is damaged. */
export async function readNodeRecord(path: string): Promise<DurableRecord> {
  const text = await readIfPresent(path);
  return text === null ? { incarnation: 0, epochCeilings: {}, longPromises: {}, soles: {} } : parse(text, path);
}

export async function writeNodeRecord(path: string, record: DurableRecord): Promise<void> {
  await writeDurably(path, `${JSON.stringify(record)}\n`);
}

/** Calls back with null when it is on disk, else with the reason why it may not be. */
export function storeNodeRecord(path: string, record: DurableRecord, stored: (problem: string | null) => void): void {
  void writeNodeRecord(path, record).then(
    () => stored(null),
    (error: unknown) => stored(`${path} cannot be written: ${reasonOf(error)}`),
  );
}

function parse(text: string, path: string): DurableRecord {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    const nextStep = "Remove the node in the console, empty its data directory, and join it again with a new token.";
    throw new AgentError("data-dir-unusable", `The file ${path}, which keeps this node's promises, is damaged.`, nextStep, error);
  }
}
