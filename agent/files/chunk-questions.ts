import { limits } from "../../shared/config/limits.ts";
import type { ChunkSource } from "./assembly.ts";
import { eachPiece, type Pieces, type WantedChunk } from "./pieces.ts";

/** A question goes out when its answer will be about so long. */
const bytesAtOnce = 1_024 * 1_024;

interface Waiting extends WantedChunk {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Chunks that are wanted at about the same time are asked for together: a message for each small file would cost more than the file does. */
export class ChunkQuestions implements ChunkSource {
  readonly #ask: (wants: readonly WantedChunk[]) => Promise<Pieces>;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isDue = false;

  /** `ask` resolves with what came of them, and rejects with the reason where nothing did. */
  constructor(ask: (wants: readonly WantedChunk[]) => Promise<Pieces>) {
    this.#ask = ask;
  }

  fetch(want: WantedChunk): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#waitingBytes + want.bytes > bytesAtOnce) void this.#send();
      this.#waiting.push({ ...want, resolve, reject });
      this.#waitingBytes += want.bytes;
      if (this.#waiting.length >= limits.filePiecesPerWantMax) void this.#send();
      if (this.#isDue || this.#waiting.length === 0) return;
      this.#isDue = true;
      setImmediate(() => {
        this.#isDue = false;
        void this.#send();
      });
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      const pieces = await this.#ask(waiting.map(({ path, start, bytes, sha256 }) => ({ path, start, bytes, sha256 })));
      for (const [{ resolve, reject }, bytes] of eachPiece(waiting, pieces)) {
        if (bytes === undefined) reject(new Error(pieces.problem ?? "no node has it"));
        else resolve(bytes);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
