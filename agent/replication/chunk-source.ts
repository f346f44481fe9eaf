import { limits } from "../../shared/config/limits.ts";
import type { ChunkSet } from "../../shared/domain/replication/chunk-set.ts";
import { BufferPool } from "./buffer-pool.ts";

export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As computed when the snapshot was made; whoever passes a chunk on passes this on too. */
  readonly sha256: string;
}

/** A snapshot of which this node has all chunks, or those that have come so far: both can be given to others. */
export interface ChunkSource {
  readonly snapshot: string;
  readonly lineage: string;
  readonly bytesTotal: number;
  readonly have: ChunkSet;
  /** Rejects where the chunk is not here (any more). */
  read(chunk: number): Promise<Chunk>;
  /** Gives back the bytes of a chunk that was read. */
  release(bytes: Uint8Array): void;
}

/** Of one snapshot, read for several joiners at once. */
const readAtOnceMax = 12;

export function chunkBuffers(): BufferPool {
  return new BufferPool(chunkBytes, readAtOnceMax);
}

const chunkBytes = limits.replicationSnapshotChunkBytes;

export function chunksOf(bytesTotal: number): number {
  return Math.ceil(bytesTotal / chunkBytes);
}

/** Where a chunk lies in the file, and how long it is. */
export function placeOf(chunk: number, bytesTotal: number): { readonly offset: number; readonly length: number } {
  const offset = chunk * chunkBytes;
  return { offset, length: Math.min(chunkBytes, bytesTotal - offset) };
}

/** Computed on a thread of the pool: the replication thread has streams to look after. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  // The cast: these bytes never lie in memory that threads share.
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toString("hex");
}
