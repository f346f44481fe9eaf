/** Addresses that are counted at a time; a flood from more of them is not answered at all until the second is over. */
const askersMax = 4_096;

/** Counts what is asked by address and second, so that no one address gets more than its part. */
export class AskRate {
  readonly #nowMs: () => number;
  readonly #perSecondMax: number;
  readonly #asked = new Map<string, number>();
  #second = 0;

  /** `perSecondMax`: of one address. */
  constructor(nowMs: () => number, perSecondMax: number) {
    this.#nowMs = nowMs;
    this.#perSecondMax = perSecondMax;
  }

  /** Whether this one may be answered. */
  allows(address: string): boolean {
    const second = Math.floor(this.#nowMs() / 1_000);
    if (second !== this.#second) this.#asked.clear();
    this.#second = second;
    const count = (this.#asked.get(address) ?? 0) + 1;
    if (count === 1 && this.#asked.size >= askersMax) return false;
    this.#asked.set(address, count);
    return count <= this.#perSecondMax;
  }
}
