import type { FrameOf, ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import { bytesOf, type Pieces, type WantedChunk } from "./pieces.ts";

const silentAfterMs = 15_000;
const idleAfterMs = 60_000;

interface Asked {
  readonly wants: readonly WantedChunk[];
  readonly resolve: (pieces: Pieces) => void;
  readonly reject: (error: Error) => void;
}

/** This node's stream to one other, on which it asks for pieces of files. Closed when it has been idle for long. */
export class ChunkAsker {
  readonly #stream: PeerStream;
  readonly #asked = new Map<number, Asked>();
  #lastWant = 0;
  #askedBytes = 0;
  #patience: NodeJS.Timeout | undefined;
  #closed: string | undefined;

  constructor(stream: PeerStream, onClosed: () => void) {
    this.#stream = stream;
    stream.handle({
      onFrame: (frame) => this.#take(frame),
      onClosed: (reason) => {
        clearTimeout(this.#patience);
        this.#closed = reason;
        for (const { reject } of this.#asked.values()) reject(new Error(reason));
        this.#asked.clear();
        onClosed();
      },
    });
    this.#wait();
  }

  get askedBytes(): number {
    return this.#askedBytes;
  }

  /** Rejects where the stream ends first. At most as many as a frame may name, and an answer carry. */
  ask(dataSet: string, wants: readonly WantedChunk[]): Promise<Pieces> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(new Error(this.#closed));
      this.#lastWant += 1;
      this.#askedBytes += bytesOf(wants);
      this.#asked.set(this.#lastWant, { wants, resolve, reject });
      const pieces = wants.map(({ path, start, bytes, sha256 }): [string, number, number, string] => [path, start, bytes, sha256]);
      this.#stream.send({ type: "files-want", dataSet, want: this.#lastWant, pieces });
      this.#wait();
    });
  }

  close(reason: string): void {
    this.#stream.close(reason);
  }

  #take(frame: ReplicationFrame): void {
    if (frame.type !== "files-chunk") return this.#stream.refuse(`a stream for files carries no ${frame.type} frames here`);
    this.#answered(frame);
    this.#wait();
  }

  #answered({ want, here, data }: FrameOf<"files-chunk">): void {
    const asked = this.#asked.get(want);
    if (asked === undefined) return this.#stream.refuse(`piece ${want} was not asked for`);
    const { wants } = asked;
    if (here.length !== wants.length || data.length !== bytesOf(wants.filter((_, index) => here[index]))) {
      return this.#stream.refuse(`the answer to ${want} is not what was asked for`);
    }
    this.#asked.delete(want);
    this.#askedBytes -= bytesOf(wants);
    // Of its own: it goes on to another thread, and the frame's bytes are used again.
    asked.resolve({ here, data: new Uint8Array(data) });
    this.#stream.release(data);
  }

  #wait(): void {
    clearTimeout(this.#patience);
    const isIdle = this.#asked.size === 0;
    const reason = isIdle ? "nothing more is wanted" : `it was silent for ${silentAfterMs / 1_000} s`;
    this.#patience = setTimeout(() => this.close(reason), isIdle ? idleAfterMs : silentAfterMs);
  }
}
