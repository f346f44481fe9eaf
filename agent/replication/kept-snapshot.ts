import { ChunkSet } from "../../shared/domain/replication/chunk-set.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { type Chunk, type ChunkSource, chunkBuffers, chunksOf, placeOf, sha256Of } from "./chunk-source.ts";
import type { SnapshotContent } from "./snapshot-content.ts";

interface About {
  readonly snapshot: string;
  readonly lineage: string;
  /** The tables that are emptied in it. */
  readonly local: string;
  /** It has at least so much. */
  readonly vector: VersionVector;
  /** For how long it is kept after its last use. */
  readonly keptMs: number;
}

/** A snapshot that this node has made, for as long as somebody may want it. */
export class KeptSnapshot implements ChunkSource {
  readonly snapshot: string;
  readonly lineage: string;
  readonly bytesTotal: number;
  readonly have: ChunkSet;
  readonly local: string;
  readonly vector: VersionVector;
  readonly madeAtMs = performance.now();
  readonly #content: SnapshotContent;
  readonly #keptMs: number;
  readonly #buffers = chunkBuffers();
  /** Computed when a chunk is first asked for. */
  readonly #hashes = new Map<number, string>();
  #usedAtMs = performance.now();

  constructor(content: SnapshotContent, { snapshot, lineage, local, vector, keptMs }: About) {
    this.#content = content;
    this.#keptMs = keptMs;
    this.snapshot = snapshot;
    this.lineage = lineage;
    this.local = local;
    this.vector = vector;
    this.bytesTotal = content.bytes;
    this.have = ChunkSet.whole(chunksOf(content.bytes));
  }

  get unusedMs(): number {
    return performance.now() - this.#usedAtMs;
  }
  /** Nobody is likely to want it any more, or it costs too much to wait for that. */
  get isOver(): boolean {
    return this.unusedMs > this.#keptMs || this.#content.isDear;
  }

  async read(chunk: number): Promise<Chunk> {
    this.#usedAtMs = performance.now();
    const { offset, length } = placeOf(chunk, this.bytesTotal);
    const bytes = this.#buffers.take(length);
    if ((await this.#content.read(bytes, offset)) !== length) throw new Error(`chunk ${chunk} of the snapshot cannot be read any more`);
    const sha256 = this.#hashes.get(chunk) ?? (await sha256Of(bytes));
    this.#hashes.set(chunk, sha256);
    return { bytes, sha256 };
  }

  release(bytes: Uint8Array): void {
    this.#buffers.release(bytes);
  }

  async end(): Promise<void> {
    await this.#content.end();
  }
}
