/** A few buffers of one size that are used again and again: made anew for each chunk, they would keep the garbage collector busier than the copying. */
export class BufferPool {
  readonly #bytes: number;
  readonly #keptMax: number;
  readonly #free: Buffer<ArrayBuffer>[] = [];

  constructor(bytes: number, keptMax: number) {
    this.#bytes = bytes;
    this.#keptMax = keptMax;
  }

  /** At most the pool's size long. */
  take(length: number): Buffer<ArrayBuffer> {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
    return buffer.subarray(0, length);
  }

  /** Gives a buffer back, or any view of one; nobody may look at it any more. */
  release(view: Uint8Array): void {
    const { buffer } = view;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#bytes && this.#free.length < this.#keptMax) {
      this.#free.push(Buffer.from(buffer));
    }
  }
}
