/**
 * One machine's monotonic clock: starts anywhere, and runs a little fast or slow against true time; it can be stopped with its machine. Whole
 * microseconds.
 */
export class VirtualClock {
  readonly #startedAtUs: number;
  readonly #readsUs: number;
  readonly #rate: number;
  #stoppedAtUs = Number.POSITIVE_INFINITY;
  #stoodUs = 0;

  /** `drift` 0.01: a hundredth too fast. */
  constructor(trueUs: number, readsUs: number, drift: number) {
    this.#startedAtUs = trueUs;
    this.#readsUs = readsUs;
    this.#rate = 1 + drift;
  }

  localUs(trueUs: number): number {
    const ranUs = Math.min(trueUs, this.#stoppedAtUs) - this.#startedAtUs - this.#stoodUs;
    return this.#readsUs + Math.floor(ranUs * this.#rate);
  }

  /** The first true instant at which the clock reads at least this, if it runs from now on. */
  trueUs(localUs: number): number {
    let trueUs = this.#startedAtUs + this.#stoodUs + Math.ceil((localUs - this.#readsUs) / this.#rate);
    while (this.localUs(trueUs) < localUs) trueUs += 1;
    return trueUs;
  }

  stop(trueUs: number): void {
    this.#stoppedAtUs = trueUs;
  }

  goOn(trueUs: number): void {
    this.#stoodUs += Math.max(0, trueUs - this.#stoppedAtUs);
    this.#stoppedAtUs = Number.POSITIVE_INFINITY;
  }
}
