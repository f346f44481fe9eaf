import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import { RecordProblem } from "./record-problem.ts";

/** So many writes of other nodes at a time. */
const underWayMax = 64;

/** Writes that other nodes have passed on, handed to the main thread, which alone knows what this node holds. */
export class CarriedOut {
  readonly #hand: (workId: number, write: ForwardedWrite) => void;
  readonly #waiting = new Map<number, (answer: WriteAnswer) => void>();
  #lastWorkId = 0;

  constructor(hand: (workId: number, write: ForwardedWrite) => void) {
    this.#hand = hand;
  }

  /** The main thread bounds how long that takes. */
  ask(write: ForwardedWrite): Promise<WriteAnswer> {
    if (this.#waiting.size >= underWayMax) return Promise.resolve(notReady(`${underWayMax} writes of other nodes are being made already`));
    this.#lastWorkId += 1;
    const workId = this.#lastWorkId;
    return new Promise((resolve) => {
      this.#waiting.set(workId, resolve);
      this.#hand(workId, write);
    });
  }

  /** Null: the agent could not carry it out, or is still starting. */
  answered(workId: number, answer: WriteAnswer | null): void {
    this.#waiting.get(workId)?.(answer ?? notReady("the writer's agent could not carry it out: its log says why"));
    this.#waiting.delete(workId);
  }
}

function notReady(message: string): WriteAnswer {
  const { status, body } = new RecordProblem("not-ready", message);
  return { status, body: JSON.stringify(body), etag: null };
}
