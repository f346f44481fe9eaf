/** Which of a snapshot's chunks somebody has: a bit each, lowest first, so that it travels as a few bytes. */
export class ChunkSet {
  readonly size: number;
  readonly #bits: Uint8Array<ArrayBuffer>;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#bits = new Uint8Array(bytesFor(size));
  }

  static whole(size: number): ChunkSet {
    const set = new ChunkSet(size);
    for (let index = 0; index < size; index += 1) set.add(index);
    return set;
  }

  /** Undefined where the bytes are no set of so many chunks. */
  static from(size: number, bits: Uint8Array): ChunkSet | undefined {
    if (bits.length !== bytesFor(size)) return undefined;
    const set = new ChunkSet(size);
    for (let index = 0; index < size; index += 1) if (((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0) set.add(index);
    return set;
  }

  get count(): number {
    return this.#count;
  }
  get isWhole(): boolean {
    return this.#count === this.size;
  }

  has(index: number): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    if (index < 0 || index >= this.size || this.has(index)) return;
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) | (1 << (index & 7));
    this.#count += 1;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bits.slice();
  }
}

function bytesFor(size: number): number {
  return Math.ceil(size / 8);
}
