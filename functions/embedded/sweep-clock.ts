import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../dependencies.ts";
import type { SweepRest } from "../use-cases/sweep-batches.ts";

/** By how much longer a sweep rests than it has worked: agents and people come first in the one process that does everything. */
const restFactor = 9;

export interface Sweep {
  /** What it looks after, for the log. */
  readonly what: string;
  readonly intervalMs: number;
  /** To rest in between. */
  readonly run: (rest: SweepRest) => Promise<unknown>;
}

/** What a schedule does in AWS, in the embedded cloud: at its start, and so long after each run. One runs at a time. */
export class SweepClock {
  readonly #sweep: Sweep;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(sweep: Sweep, log: Log) {
    this.#sweep = sweep;
    this.#log = log;
  }

  start(): void {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#closing.signal.aborted) this.#timer = setTimeout(() => this.start(), this.#sweep.intervalMs);
    });
  }

  /** Waits for what the sweep under way has begun. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#sweep.run((tookMs) => this.#rest(tookMs));
    } catch (error) {
      this.#log.error({ err: error }, `${this.#sweep.what} could not be looked after; the next sweep tries again`);
    }
  }

  async #rest(tookMs: number): Promise<boolean> {
    const { signal } = this.#closing;
    await sleep(restFactor * tookMs, undefined, { signal, ref: false }).catch(() => undefined);
    return !signal.aborted;
  }
}
