import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Pair } from "./pair.ts";

const pauseMs = 10;
const betweenLooksMs = 0.1;
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const levelWithinMs = 600_000;

/** What is measured of one pair, in this order: each goes on where the one before it left the table. */
export class Measures {
  readonly #pair: Pair;
  #nextId = 1;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** Milliseconds from a commit on the first server, which has returned, until the second one shows it; one row at a time. */
  async visible(rounds: number): Promise<number[]> {
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const id = this.#take(1);
      await this.#pair.write(id, 1, 1);
      const committedMs = performance.now();
      while (!(await this.#pair.shows(id))) {
        // Sleeps for a moment: whoever asks without a pause keeps a processor from those that are asked.
        Atomics.wait(never, 0, 0, betweenLooksMs);
        await nextTurn();
      }
      samples.push(performance.now() - committedMs);
      await sleep(pauseMs);
    }
    return samples;
  }

  /** One-row transactions a second, from the first until the second server shows the last. */
  async sustained(rows: number): Promise<number> {
    const first = this.#take(rows);
    const startedMs = performance.now();
    await this.#pair.write(first, rows, 1);
    await this.#untilShown(first + rows - 1);
    return (rows / (performance.now() - startedMs)) * 1_000;
  }

  /** Seconds from the second server's start until it shows the last of the rows that were written while it was away. */
  async rejoin(rows: number, rowsPerTransaction: number): Promise<number> {
    await this.#pair.away();
    const first = this.#take(rows);
    await this.#pair.write(first, rows, rowsPerTransaction);
    const startedMs = performance.now();
    await this.#pair.back();
    await this.#untilShown(first + rows - 1);
    return (performance.now() - startedMs) / 1_000;
  }

  #take(ids: number): number {
    const first = this.#nextId;
    this.#nextId += ids;
    return first;
  }

  async #untilShown(id: number): Promise<void> {
    const untilMs = performance.now() + levelWithinMs;
    while (!(await this.#pair.shows(id))) {
      if (performance.now() > untilMs) throw new Error(`row ${id} did not arrive within ${levelWithinMs / 1_000} s`);
      await sleep(1);
    }
  }
}
