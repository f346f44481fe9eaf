import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

const continues = 0x80;
const lengthBytesMax = 4;

/**
 * A connection on which no MQTT packet above a size passes: the broker's parser would else collect whatever length a packet
 * claims (up to 256 MB) in memory. Destroys itself with the reason at the packet's first bytes.
 */
export class MqttFrameBound extends Duplex {
  readonly #socket: TLSSocket;
  readonly #bytesMax: number;
  /** Bytes of the current packet still to come. */
  #bodyLeft = 0;
  /** Reading a packet's length: its value so far and how many bytes it took; null between packets. */
  #length: { value: number; bytes: number } | null = null;

  constructor(socket: TLSSocket, packetBytesMax: number) {
    super();
    this.#socket = socket;
    this.#bytesMax = packetBytesMax;
    socket.on("data", (chunk: Buffer) => {
      if (!this.#isWithinBound(chunk)) {
        this.destroy(new Error(`a packet is larger than ${packetBytesMax} bytes`));
      } else if (!this.push(chunk)) {
        socket.pause();
      }
    });
    socket.once("end", () => this.push(null));
    socket.once("close", () => this.destroy());
    socket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #isWithinBound(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= taken;
        at += taken;
      } else if (this.#length === null) {
        this.#length = { value: 0, bytes: 0 };
        at += 1;
      } else {
        if (!this.#takeLengthByte(chunk[at] ?? 0, this.#length)) return false;
        at += 1;
      }
    }
    return true;
  }

  #takeLengthByte(byte: number, length: { value: number; bytes: number }): boolean {
    const value = length.value + (byte & 0x7f) * 128 ** length.bytes;
    const bytes = length.bytes + 1;
    if (value > this.#bytesMax || bytes > lengthBytesMax) return false;
    if ((byte & continues) !== 0) {
      this.#length = { value, bytes };
    } else {
      this.#length = null;
      this.#bodyLeft = value;
    }
    return true;
  }
}
