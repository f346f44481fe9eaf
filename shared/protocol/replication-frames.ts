import { decodeFirst, encode } from "cborg";
import { z } from "zod";
import { limits } from "../config/limits.ts";
import { compareFrameSchemas } from "./compare-frames.ts";
import { conflictPolicySchema } from "./conflict-policy-schema.ts";
import { clusterIdSchema, nodeIdSchema, originIdSchema, sha256HexSchema, slugSchema } from "./id-schemas.ts";
import { recordFrameSchemas } from "./record-frames.ts";

/**
 * What nodes say to each other on a replication stream (mutual TLS 1.3): four bytes of length, most significant first,
 * then one CBOR map, after which a chunk's bytes stand as they are. A frame that does not decode, is too long or breaks its schema ends the stream with its reason.
 */
export const replicationProtocolVersion = 1;

const bytes = z.instanceof(Uint8Array);
const count = z.int().min(0);
const index = z.int().min(0).max(limits.replicationChangesPerFrameMax);
const identifier = z.string().min(1).max(1_024);
const reason = z.string().max(1_000);
const vectorSchema = z.record(originIdSchema, count);
const snapshotId = z.uuid();

/** Every frame about a data set names it, and the fingerprint of the sender's replicated tables (empty before there are any). */
const about = { dataSet: slugSchema, schema: z.union([sha256HexSchema, z.literal("")]) };

export const shapeSchema = z.strictObject({
  table: identifier,
  columns: z.array(identifier).min(1).max(2_000),
  key: z.array(count).min(1).max(2_000),
  /** By which the origin settled conflicts of this table when it wrote; absent: the newest write stands. */
  conflicts: conflictPolicySchema.exactOptional(),
});

/** [origin, seq, hlc, context, shape, operation, row, epoch]: origin, context and shape are positions in the frame's own lists; the epoch is there where the data set has a single writer. */
const changeSchema = z.tuple([index, z.int().min(1), count, index, index, z.enum(["put", "delete"]), bytes, count.optional()]);

export const replicationFrameSchema = z.discriminatedUnion("type", [
  /** The first frame of each side. `purpose` tells a ring stream from a joiner's request for a snapshot, from one that asks for pieces of files, from one that has rows compared, and from one that passes writes of records on. */
  z.strictObject({
    type: z.literal("hello"),
    protocol: z.int(),
    clusterId: clusterIdSchema,
    nodeId: nodeIdSchema,
    purpose: z.enum(["ring", "snapshot", "files", "compare", "records"]),
    /** Random, of the agent's start: two at once under one node id are a machine and its copy. */
    run: z.uuid().optional(),
  }),
  /** What a node has of a data set. Sent after hello, whenever it changes, and every second: acknowledgement and sign of life. */
  z.strictObject({
    type: z.literal("state"),
    ...about,
    /** Names the data set's first initialisation; null while this node has no replica. */
    lineage: z.string().max(64).nullable(),
    /** An application's database stands at the configured path. */
    hasDatabase: z.boolean(),
    vector: vectorSchema,
    /** Of the sender's own writes only these are safe on its disk: the others keep later ones. */
    sealed: z.strictObject({ origin: originIdSchema, seq: count }).optional(),
    /** What may have left the sender's log. */
    pruned: vectorSchema.optional(),
    /** The sender's clock is in doubt: of its own writes it gives no more than these. */
    withheldAfter: vectorSchema.optional(),
    /** Of that what every member had when it went; absent: all of it. */
    settled: vectorSchema.optional(),
    /** What the sender knows of the others, by node. */
    known: z.record(nodeIdSchema, vectorSchema),
    /** Asks the peer to send again from `vector` on. */
    resend: z.boolean(),
    /** For how long the sender has been running: of two nodes that meet, the younger one has been away. 0 in the answer to a joiner. */
    runningMs: count,
    /** The sender cannot apply now (see its own status): send nothing until a state without this. */
    holding: z.boolean(),
  }),
  /** Every second, and in answer to the first one: by which the two measure each other's clocks, and tell how old what is shown where is. Milliseconds; `sentMs` by the sender's monotonic clock. */
  z.strictObject({
    type: z.literal("pulse"),
    /** The sender's wall clock as this goes out, since 1970; and the time zone that its machine is set to. */
    wallMs: z.number(),
    zone: z.string().max(64),
    sentMs: z.number(),
    /** The receiver's last pulse on this stream, and for how long the sender has had it. */
    echo: z.strictObject({ sentMs: z.number(), heldMs: z.number().min(0) }).nullable(),
    /** What the sender knows of other nodes' wall clocks, and how long before it was measured. */
    clocks: z.record(nodeIdSchema, z.strictObject({ wallMs: z.number(), uncertaintyMs: z.number().min(0), agoMs: z.number().min(0) })),
    /** By data set, by the node that shows it and by the node that wrote it: how old it is. */
    ages: z.record(slugSchema, z.record(nodeIdSchema, z.record(nodeIdSchema, z.number().min(0)))),
  }),
  /** Changes in the sender's log order. All frames up to the next `final` one are shown at a replica at once or not at all. */
  z.strictObject({
    type: z.literal("changes"),
    ...about,
    origins: z.array(originIdSchema).max(1_000),
    contexts: z.array(vectorSchema).max(limits.replicationChangesPerFrameMax),
    shapes: z.array(shapeSchema).max(limits.replicationChangesPerFrameMax),
    changes: z.array(changeSchema).max(limits.replicationChangesPerFrameMax),
    final: z.boolean(),
  }),
  /** A joiner asks what of a snapshot there is. `snapshot`: the one that it is receiving already. `make`: make one where there is none. */
  z.strictObject({ type: z.literal("snapshot-request"), ...about, snapshot: snapshotId.nullable(), make: z.boolean() }),
  /** The answer where there is one, whole or in part; otherwise it is a `state`. `have`: a bit per chunk, lowest first. */
  z.strictObject({
    type: z.literal("snapshot-offer"),
    ...about,
    snapshot: snapshotId,
    lineage: z.string().max(64),
    bytesTotal: count.min(1),
    have: bytes,
  }),
  /** `known`: the joiner has a chunk with this SHA-256 there, of an earlier snapshot. */
  z.strictObject({
    type: z.literal("snapshot-want"),
    ...about,
    snapshot: snapshotId,
    chunk: count,
    known: sha256HexSchema.nullable(),
  }),
  /** Without data where `encoding` says that it is the `known` one. `sha256` is that of the chunk before compression, as the first donor computed it. */
  z.strictObject({
    type: z.literal("snapshot-chunk"),
    ...about,
    snapshot: snapshotId,
    chunk: count,
    bytes: count,
    sha256: sha256HexSchema,
    encoding: z.enum(["zstd", "none", "known"]),
    data: bytes,
  }),
  /** Pieces of files of a data set, as the manifest names them: each by where it stood (path, start, bytes), and by what is in it (SHA-256). */
  z.strictObject({
    type: z.literal("files-want"),
    dataSet: slugSchema,
    want: count,
    pieces: z
      .array(z.tuple([z.string().min(1).max(4_096), count, z.int().min(1).max(limits.fileChunkBytesMax), sha256HexSchema]))
      .min(1)
      .max(limits.filePiecesPerWantMax)
      .refine(
        (pieces) => pieces.reduce((sum, [, , length]) => sum + length, 0) <= limits.fileChunkBytesMax,
        "more than one answer can carry",
      ),
  }),
  /** The answer, piece by piece in the order of the question: false where the sender has it not now. The bytes of those that are here follow, one after another. */
  z.strictObject({
    type: z.literal("files-chunk"),
    want: count,
    here: z.array(z.boolean()).min(1).max(limits.filePiecesPerWantMax),
    data: bytes,
  }),
  ...compareFrameSchemas,
  ...recordFrameSchemas,
  /** Says why the sender closes the stream after this frame. */
  z.strictObject({ type: z.literal("refused"), reason }),
]);

export type ReplicationFrame = z.infer<typeof replicationFrameSchema>;
export type FrameOf<Type extends ReplicationFrame["type"]> = Extract<ReplicationFrame, { type: Type }>;

export const frameHeaderBytes = 4;

export class FrameError extends Error {}

const none = new Uint8Array(0);

/** The frame's bytes, with its length in front. Throws FrameError where it would be over the limit. */
export function encodeFrame(frame: ReplicationFrame): Uint8Array {
  const parts = frameParts(frame);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The same in pieces to be sent one after the other: a chunk's bytes are not copied. Throws as `encodeFrame` does. */
export function frameParts(frame: ReplicationFrame): readonly Uint8Array[] {
  const { data, ...map } = frame.type === "snapshot-chunk" || frame.type === "files-chunk" ? frame : { ...frame, data: none };
  const head = encode(map);
  const length = head.length + data.length;
  if (length > limits.replicationFrameBytesMax) {
    throw new FrameError(`a ${frame.type} frame of ${length} bytes is over the limit of ${limits.replicationFrameBytesMax}`);
  }
  const start = new Uint8Array(frameHeaderBytes + head.length);
  new DataView(start.buffer).setUint32(0, length);
  start.set(head, frameHeaderBytes);
  return data.length === 0 ? [start] : [start, data];
}

/** Length of the body that follows the header. Throws FrameError before any of an oversized body is read. */
export function frameLength(header: Uint8Array): number {
  const length = new DataView(header.buffer, header.byteOffset, frameHeaderBytes).getUint32(0);
  if (length === 0 || length > limits.replicationFrameBytesMax) {
    throw new FrameError(`a frame of ${length} bytes is outside of 1 to ${limits.replicationFrameBytesMax}`);
  }
  return length;
}

/** Of a chunk, the bytes lie in `body`. */
export function decodeFrame(body: Uint8Array): ReplicationFrame {
  const [map, data] = decodeMap(body);
  const isChunk = typeof map === "object" && map !== null && "type" in map && (map.type === "snapshot-chunk" || map.type === "files-chunk");
  if (!isChunk && data.length > 0) throw new FrameError(`a frame is not CBOR: ${data.length} bytes follow its map`);
  const value = isChunk ? { ...map, data } : map;
  const frame = replicationFrameSchema.safeParse(value);
  if (frame.success) return frame.data;
  const [issue] = frame.error.issues;
  throw new FrameError(`a frame breaks its schema at ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "unknown"}`);
}

function decodeMap(body: Uint8Array): [unknown, Uint8Array] {
  try {
    return decodeFirst(body) as [unknown, Uint8Array];
  } catch (error) {
    throw new FrameError(`a frame is not CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
}
