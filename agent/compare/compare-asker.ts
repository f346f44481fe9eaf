import type { ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { Answer, Question } from "./judge.ts";

const silentAfterMs = 15_000;

/** `Omit` of each member of a union by itself. */
type Unnumbered<Frame> = Frame extends unknown ? Omit<Frame, "ask"> : never;
export type Asked = Unnumbered<Question>;

interface Waiting {
  readonly ask: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly patience: NodeJS.Timeout;
}

/** This node's stream to one other, on which it has its rows judged, one question at a time. */
export class CompareAsker {
  readonly #stream: PeerStream;
  #waiting: Waiting | undefined;
  #asks = 0;
  #closed: string | undefined;

  constructor(stream: PeerStream) {
    this.#stream = stream;
    stream.handle({
      onFrame: (frame) => this.#take(frame),
      onClosed: (reason) => {
        this.#closed = reason;
        const waiting = this.#done();
        waiting?.reject(new Error(reason));
      },
    });
  }

  /** Rejects where the stream ends first, or nothing is heard for long. */
  ask(question: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(new Error(this.#closed));
      if (this.#waiting !== undefined) return reject(new Error("a question waits for its answer already"));
      this.#asks += 1;
      const patience = setTimeout(() => this.close(`it was silent for ${silentAfterMs / 1_000} s`), silentAfterMs);
      this.#waiting = { ask: this.#asks, resolve, reject, patience };
      this.#stream.send({ ...question, ask: this.#asks });
    });
  }

  close(reason: string): void {
    this.#stream.close(reason);
  }

  #take(frame: ReplicationFrame): void {
    if (frame.type !== "compare-answer" || frame.ask !== this.#waiting?.ask)
      return this.#stream.refuse(`a ${frame.type} frame is no answer to what was asked`);
    this.#done()?.resolve(frame.answer);
  }

  #done(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.patience);
    return waiting;
  }
}
