import { limits } from "../../shared/config/limits.ts";
import { decodeFrame, frameHeaderBytes, frameLength, type ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { BufferPool } from "./buffer-pool.ts";

/** Frames of about a chunk's length get a buffer that is used again. */
const largeBytesMin = limits.replicationSnapshotChunkBytes / 4;
const largeBytesMax = limits.replicationSnapshotChunkBytes + 4_096;

/** Puts frames together from what a connection brings: each byte is copied once, into the frame that it belongs to. */
export class FrameAssembly {
  /** What has come and has not been looked at, in order. */
  #pieces: Buffer[] = [];
  #waitingBytes = 0;
  /** The frame that is coming. */
  #body: Buffer | undefined;
  #filledBytes = 0;
  readonly #pool = new BufferPool(largeBytesMax, limits.replicationChunksAskedMax);

  /** The bytes may lie in a buffer that is used again when this returns. */
  add(bytes: Buffer): void {
    const copied = this.#body === undefined || this.#waitingBytes > 0 ? 0 : bytes.copy(this.#body, this.#filledBytes);
    this.#filledBytes += copied;
    if (copied === bytes.length) return;
    this.#pieces.push(Buffer.from(bytes.subarray(copied)));
    this.#waitingBytes += bytes.length - copied;
  }

  /** A frame may be whole now; false while one is known to be longer than what has come. */
  get isReady(): boolean {
    return this.#waitingBytes + this.#filledBytes >= (this.#body?.length ?? frameHeaderBytes);
  }

  /** The next frame, where it is whole. Throws FrameError where what has come is none. */
  next(): ReplicationFrame | undefined {
    if (this.#body === undefined) {
      if (this.#waitingBytes < frameHeaderBytes) return undefined;
      const header = Buffer.allocUnsafe(frameHeaderBytes);
      this.#take(header, 0);
      this.#body = this.#allocate(frameLength(header));
    }
    const body = this.#body;
    this.#fill(body);
    if (this.#filledBytes < body.length) return undefined;
    this.#body = undefined;
    this.#filledBytes = 0;
    return decodeFrame(body);
  }

  /** Gives the bytes of a chunk back, whose owner is done with them. */
  release(data: Uint8Array): void {
    this.#pool.release(data);
  }

  #allocate(length: number): Buffer {
    return length >= largeBytesMin && length <= largeBytesMax ? this.#pool.take(length) : Buffer.allocUnsafe(length);
  }

  #fill(body: Buffer): void {
    this.#filledBytes += this.#take(body, this.#filledBytes);
  }

  /** Moves waiting bytes to a place in `target`, as many as it has room for. Returns how many. */
  #take(target: Buffer, from: number): number {
    let at = from;
    let used = 0;
    for (const piece of this.#pieces) {
      if (at === target.length) break;
      const copied = piece.copy(target, at);
      at += copied;
      if (copied === piece.length) used += 1;
      else this.#pieces[used] = piece.subarray(copied);
    }
    this.#pieces.splice(0, used);
    this.#waitingBytes -= at - from;
    return at - from;
  }
}
