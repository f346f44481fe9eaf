import type { Log } from "../dependencies.ts";

export interface Sweep {
  /** What it looks after, for the log. */
  readonly what: string;
  readonly intervalMs: number;
  readonly run: () => Promise<unknown>;
}

/** What a schedule does in AWS, in the embedded cloud: at its start, and so long after each run. One runs at a time. */
export class SweepClock {
  readonly #sweep: Sweep;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(sweep: Sweep, log: Log) {
    this.#sweep = sweep;
    this.#log = log;
  }

  start(): void {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#closed) this.#timer = setTimeout(() => this.start(), this.#sweep.intervalMs);
    });
  }

  /** Waits for the sweep under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#sweep.run();
    } catch (error) {
      this.#log.error({ err: error }, `${this.#sweep.what} could not be looked after; the next sweep tries again`);
    }
  }
}
