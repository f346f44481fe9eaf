import type { Dependencies } from "../dependencies.ts";
import { dispatchAlerts } from "../use-cases/dispatch-alerts.ts";

/** How soon an alert goes out that nothing has woken us for: one left by a crash, or due for another attempt. */
const sweepIntervalMs = 1_000;

/** Dispatches alerts in the embedded cloud: at once when one is added, and by sweeping. One dispatch runs at a time. */
export class AlertDispatcher {
  readonly #dependencies: Dependencies;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #wokenMeanwhile = false;
  #closed = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Begins, with a sweep. */
  wake(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#wokenMeanwhile = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#closed) return;
      if (this.#wokenMeanwhile) this.wake();
      else this.#timer = setTimeout(() => this.wake(), sweepIntervalMs);
    });
  }

  /** Waits for the dispatch under way; what is left goes out after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#wokenMeanwhile = false;
    try {
      let more = true;
      while (more && !this.#closed) ({ more } = await dispatchAlerts(this.#dependencies));
    } catch (error) {
      this.#dependencies.log.error({ err: error }, "alerts could not be dispatched; the next sweep tries again");
    }
  }
}
