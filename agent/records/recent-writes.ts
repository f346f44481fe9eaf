import type { ForwardedWrite, WriteAnswer } from "../../shared/protocol/record-frames.ts";
import { RecordProblem } from "./record-problem.ts";

const keptMax = 1_000;
const keptForMs = 600_000;

interface RecentWrite {
  /** What it says, but for its id and how long it is waited for. */
  readonly says: string;
  readonly answer: Promise<WriteAnswer>;
  readonly atMs: number;
}

/** Writes that were made a short time ago, with their answers: whoever has not heard the answer asks again under the same id, and nothing is written twice. */
export class RecentWrites {
  readonly #recent = new Map<string, RecentWrite>();

  /** Rejects as `make` does, and with `RecordProblem` where the id was another write's. What has changed nothing is not kept. */
  once(write: ForwardedWrite, make: () => Promise<WriteAnswer>, nowMs = performance.now()): Promise<WriteAnswer> {
    this.#forgetBefore(nowMs - keptForMs);
    const { id, dataSet, key, change, condition } = write;
    const says = JSON.stringify([key, change, condition]);
    const name = `${dataSet} ${id}`;
    const known = this.#recent.get(name);
    if (known !== undefined) {
      if (known.says === says) return known.answer;
      return Promise.reject(new RecordProblem("invalid-request", `the idempotency key ${id} was that of another write`));
    }
    const answer = make();
    this.#recent.set(name, { says, answer, atMs: nowMs });
    void this.#forgetUnmade(name, answer);
    return answer;
  }

  /** What was refused, or has failed, may be asked for again. */
  async #forgetUnmade(name: string, answer: Promise<WriteAnswer>): Promise<void> {
    const [outcome] = await Promise.allSettled([answer]);
    const mayBeMade = outcome.status === "fulfilled" && [200, 504].includes(outcome.value.status);
    if (!mayBeMade && this.#recent.get(name)?.answer === answer) this.#recent.delete(name);
  }

  #forgetBefore(ms: number): void {
    for (const [name, { atMs }] of this.#recent) {
      if (atMs >= ms && this.#recent.size < keptMax) return;
      this.#recent.delete(name);
    }
  }
}
