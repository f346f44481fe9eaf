import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";

const compress = promisify(zstdCompress);
/** A level that keeps up with most networks. */
const params = { [constants.ZSTD_c_compressionLevel]: -3 };
/** How much one chunk changes what is believed. */
const weight = 0.25;
/** Several chunks are compressed at once while others are under way, so its time counts for less than the network's. */
const sideBySide = 0.5;
/** So often one is compressed to see what it would be good for now. */
const triedEvery = 32;

export interface PackedChunk {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly encoding: "zstd" | "none";
}

/** Compresses chunks for one joiner where that makes its join faster: not where network or processor would only be slower for it, and not what is dense already. */
export class ChunkPacking {
  #count = 0;
  /** All of these per byte of the chunk, in milliseconds, but for the ratio. */
  #packMs = 0;
  #ratio = 1;
  #wireMs = 0;
  #sentAtMs = 0;

  async pack(bytes: Uint8Array<ArrayBuffer>): Promise<PackedChunk> {
    const isTried = this.#count % triedEvery === 0;
    this.#count += 1;
    const savedMs = this.#wireMs * (1 - this.#ratio);
    if (!isTried && savedMs <= this.#packMs * sideBySide) return { data: bytes, encoding: "none" };
    const startedAtMs = performance.now();
    const data = await compress(bytes, { params, chunkSize: bytes.length });
    this.#packMs = this.#learned(this.#packMs, (performance.now() - startedAtMs) / bytes.length);
    this.#ratio = this.#learned(this.#ratio, Math.min(1, data.length / bytes.length));
    return data.length < bytes.length ? { data, encoding: "zstd" } : { data: bytes, encoding: "none" };
  }

  /** So many bytes, given to the network at `sinceMs`, have left this process. */
  hasSent(bytes: number, sinceMs: number): void {
    const now = performance.now();
    // What waited behind another chunk did not take the network longer.
    this.#wireMs = this.#learned(this.#wireMs, (now - Math.max(sinceMs, this.#sentAtMs)) / bytes);
    this.#sentAtMs = now;
  }

  #learned(before: number, seen: number): number {
    return this.#count <= 1 ? seen : before + (seen - before) * weight;
  }
}
