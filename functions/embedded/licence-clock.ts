import type { Dependencies } from "../dependencies.ts";
import { sweepLicences } from "../use-cases/sweep-licences.ts";

/** What falls due by the day is told within the hour. */
const sweepIntervalMs = 3_600_000;

/** Looks after the licences of all clusters in the embedded cloud: at its start, and every hour. One sweep runs at a time. */
export class LicenceClock {
  readonly #dependencies: Dependencies;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#running = this.#sweep().finally(() => {
      this.#running = undefined;
      if (!this.#closed) this.#timer = setTimeout(() => this.start(), sweepIntervalMs);
    });
  }

  /** Waits for the sweep under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    try {
      await sweepLicences(this.#dependencies);
    } catch (error) {
      this.#dependencies.log.error({ err: error }, "licences could not be looked after; the next sweep tries again");
    }
  }
}
