import { z } from "zod";
import { limits } from "../config/limits.ts";
import { slugSchema } from "./id-schemas.ts";

const count = z.int().min(0);
const ask = { ask: count };

/** What must be so for a write to be made: a record with this version, any record at all, or none. */
const condition = z.discriminatedUnion("is", [
  z.strictObject({ is: z.enum(["any", "present", "absent"]) }),
  z.strictObject({ is: z.literal("version"), version: z.string().min(1).max(200) }),
]);

/** One write of a record, as whoever is not the data set's writer passes it on. */
export const forwardedWriteSchema = z.strictObject({
  /** The same however often it is passed on: it is made once. */
  id: z.string().regex(/^[\w-]{1,64}$/),
  dataSet: slugSchema,
  key: z.string().min(1).max(limits.recordKeyCharactersMax),
  change: z.discriminatedUnion("kind", [
    /** `value` is JSON. */
    z.strictObject({ kind: z.literal("put"), value: z.string().max(limits.recordValueBytesMax), ttlMs: z.int().min(1).nullable() }),
    z.strictObject({ kind: z.literal("delete") }),
  ]),
  condition,
  durability: z.enum(["local", "replicated"]),
  timeoutMs: z.int().min(1).max(limits.forwardedWriteMsMax),
});

/** What the writer says to it, as it would have said it to an application of its own: status and JSON of its HTTP answer. */
export const writeAnswerSchema = z.strictObject({
  status: z.int().min(200).max(599),
  body: z.string().max(limits.forwardedAnswerCharactersMax),
  etag: z.string().max(300).nullable(),
});

export const recordFrameSchemas = [
  z.strictObject({ type: z.literal("record-write"), ...ask, write: forwardedWriteSchema }),
  z.strictObject({ type: z.literal("record-answer"), ...ask, answer: writeAnswerSchema }),
] as const;

export type ForwardedWrite = z.infer<typeof forwardedWriteSchema>;
export type WriteAnswer = z.infer<typeof writeAnswerSchema>;
