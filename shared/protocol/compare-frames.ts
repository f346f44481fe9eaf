import { z } from "zod";
import { limits } from "../config/limits.ts";
import { originIdSchema, sha256HexSchema, slugSchema } from "./id-schemas.ts";

/**
 * Frames by which one replica has its rows judged by another, on a stream of purpose `compare`. Keys and rows are bytes of the row codec, digests the
 * first 16 bytes of a SHA-256. Each question names what the asker had merged when it looked, and the fingerprint of its tables.
 */
const bytes = z.instanceof(Uint8Array);
const digest = bytes.refine((value) => value.length === 16, "a digest has 16 bytes");
const count = z.int().min(0);
/** Between two keys: after the first, up to and with the second. Null: from the table's beginning, to its end. */
const range = z.strictObject({ after: bytes.nullable(), upTo: bytes.nullable() });

const asked = {
  dataSet: slugSchema,
  schema: sha256HexSchema,
  lineage: z.string().max(64),
  vector: z.record(originIdSchema, count),
  ask: count,
  table: z.string().min(1).max(1_024),
};

const judgedRow = z.strictObject({
  key: bytes,
  /** Null: there is no such row. */
  digest: digest.nullable(),
  /** Null where there is none, or where it is too large to be sent along. */
  row: bytes.nullable(),
  /** The row's newest write, where it is still known; `agrees`: the row is what it made. Null there: its log does not have it any more. */
  write: z
    .strictObject({ origin: originIdSchema, seq: count, hlc: z.int(), epoch: count.optional(), agrees: z.boolean().nullable() })
    .nullable(),
});

export const compareFrameSchemas = [
  /** The asker's rows in this range have this digest, over all of them in key order. */
  z.strictObject({ type: z.literal("compare-range"), ...asked, range, digest }),
  /** The asker's rows, each by key and digest: all of a range, or those with these keys alone (`range` null; the digest is null where the asker has no such row). */
  z.strictObject({
    type: z.literal("compare-rows"),
    ...asked,
    range: range.nullable(),
    rows: z.array(z.tuple([bytes, digest.nullable()])).max(limits.compareRowsMax),
  }),
  z.strictObject({
    type: z.literal("compare-answer"),
    ask: count,
    answer: z.discriminatedUnion("outcome", [
      z.strictObject({ outcome: z.literal("equal") }),
      /** The range differs: its rows are to be asked for one by one. */
      z.strictObject({ outcome: z.literal("differs") }),
      /** Too many rows here: ask again for the part up to this key. */
      z.strictObject({ outcome: z.literal("narrow"), upTo: bytes }),
      /**
       * Of a range: the rows that have drifted apart, and no others; none: what differs is all still on its way. Of single rows: what is here in the place of
       * each, but for those written since the asker looked.
       */
      z.strictObject({ outcome: z.literal("judged"), rows: z.array(judgedRow).max(2 * limits.compareRowsMax) }),
      /** It cannot be said at this moment: too much is under way. */
      z.strictObject({ outcome: z.literal("later") }),
      z.strictObject({ outcome: z.literal("cannot"), reason: z.string().max(1_000) }),
    ]),
  }),
] as const;
