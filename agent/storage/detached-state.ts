import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { Detached } from "../../shared/domain/failover/durable-record.ts";
import { groupNameSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import { bootId } from "./boot-id.ts";
import { readIfPresent, syncDirectory, writeDurably } from "./durable-file.ts";
import { keptGrantSchema } from "./kept-grant-schema.ts";
import { parseJson } from "./parse-json.ts";

const roundSchema = z.strictObject({ requestId: z.int(), sentUs: z.number(), leaseUs: z.int() });

const detachedSchema = z.strictObject({
  incarnation: z.int().min(1),
  sequence: z.int(),
  requestId: z.int(),
  readmissions: z.int(),
  documentVersion: z.int(),
  votersSinceVersion: z.int(),
  earlierLeaseMs: z.number(),
  votersSettleAtUs: z.number(),
  untilUs: z.number(),
  grants: z.array(keptGrantSchema),
  held: z.array(
    z.strictObject({
      group: groupNameSchema,
      epoch: z.int(),
      ballot: z.int(),
      epochSeen: z.int(),
      leaseEndUs: z.number(),
      long: z.record(nodeIdSchema, roundSchema),
    }),
  ),
}) satisfies z.ZodType<Detached>;

const stateSchema = z.strictObject({
  bootId: z.string(),
  /** Tells the next agent from any other process of the same user. */
  secret: z.string(),
  leftAtUs: z.number(),
  readoptByUs: z.number(),
  /** The number of the last event that it has told. */
  lastEvent: z.int(),
  detached: detachedSchema,
});

/** What an agent leaves to the next one, for whom the guardian keeps its resources; instants on the machine's monotonic clock. */
export type DetachedState = Omit<z.infer<typeof stateSchema>, "bootId" | "detached"> & { readonly detached: Detached };

/** What the last run has left, where it is of this boot of the machine; it is gone from the disk when this resolves, so that it serves once. */
export async function takeDetachedState(path: string): Promise<DetachedState | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  await rm(path);
  await syncDirectory(dirname(path));
  const state = stateSchema.safeParse(parseJson(text));
  return state.success && state.data.bootId === (await bootId()) ? state.data : null;
}

/** Written after the core has left, and before the guardian hears of it. */
export async function leaveDetachedState(path: string, state: DetachedState): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ bootId: await bootId(), ...state })}\n`);
}
