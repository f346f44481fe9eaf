export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Keys remembered at once; who asked longest ago goes first, and begins with a full bucket. */
const keysMax = 10_000;

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** A bucket of requests for each key, refilled evenly. In the memory of this process: on AWS each instance counts for itself. */
export class RequestBuckets {
  readonly #rate: Rate;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** Takes one request out of the key's bucket, and answers 0; where it is empty takes none, and answers in how many seconds there is one again. */
  take(key: string): number {
    const { perSecond, burst } = this.#rate;
    const atMs = this.#nowMs();
    const before = this.#buckets.get(key) ?? { left: burst, atMs };
    const left = Math.min(burst, before.left + (Math.max(0, atMs - before.atMs) / 1_000) * perSecond);
    if (left < 1) return Math.ceil((1 - left) / perSecond);
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: left - 1, atMs });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > keysMax && oldest !== undefined) this.#buckets.delete(oldest);
    return 0;
  }
}
