/** One machine's monotonic clock: starts anywhere, and runs a little fast or slow against true time. Whole microseconds. */
export class VirtualClock {
  readonly #startedAtUs: number;
  readonly #readsUs: number;
  readonly #rate: number;

  /** `drift` 0.01: a hundredth too fast. */
  constructor(trueUs: number, readsUs: number, drift: number) {
    this.#startedAtUs = trueUs;
    this.#readsUs = readsUs;
    this.#rate = 1 + drift;
  }

  localUs(trueUs: number): number {
    return this.#readsUs + Math.floor((trueUs - this.#startedAtUs) * this.#rate);
  }

  /** The first true instant at which the clock reads at least this. */
  trueUs(localUs: number): number {
    let trueUs = this.#startedAtUs + Math.ceil((localUs - this.#readsUs) / this.#rate);
    while (this.localUs(trueUs) < localUs) trueUs += 1;
    return trueUs;
  }
}
