import type { PeerStream } from "./peer-stream.ts";

const bufferBytes = 64 * 1_024;

/** Reads a connection into one buffer, again and again. A buffer for each read, which is the default, keeps the garbage collector busier than a snapshot's copying. */
export class SharedReader {
  /** The option of that name, for the socket. */
  readonly onread = {
    buffer: Buffer.allocUnsafeSlow(bufferBytes),
    callback: (length: number, buffer: Uint8Array): boolean => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
      if (this.#stream === undefined) this.#early.push(Buffer.from(bytes));
      else this.#stream.take(bytes);
      return true;
    },
  };
  /** What came before there was a stream to take it. */
  readonly #early: Buffer[] = [];
  #stream: PeerStream | undefined;

  readInto(stream: PeerStream): void {
    this.#stream = stream;
    for (const bytes of this.#early.splice(0)) stream.take(bytes);
  }
}
