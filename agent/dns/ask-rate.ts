/** Of one address. A resolver that keeps answers for seconds asks far less; whoever asks more is used by somebody for a flood. */
const questionsPerSecondMax = 500;
/** Addresses that are counted at a time; a flood from more of them is not answered at all until the second is over. */
const askersMax = 4_096;

/** Counts questions by address and second, so that answers to forged addresses stay few. */
export class AskRate {
  readonly #nowMs: () => number;
  readonly #asked = new Map<string, number>();
  #second = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether this question may be answered. */
  allows(address: string): boolean {
    const second = Math.floor(this.#nowMs() / 1_000);
    if (second !== this.#second) this.#asked.clear();
    this.#second = second;
    const count = (this.#asked.get(address) ?? 0) + 1;
    if (count === 1 && this.#asked.size >= askersMax) return false;
    this.#asked.set(address, count);
    return count <= questionsPerSecondMax;
  }
}
