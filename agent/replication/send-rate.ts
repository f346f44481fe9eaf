import { setTimeout as sleep } from "node:timers/promises";

/** Bounds what this node sends of snapshots, to all joiners together. */
export class SendRate {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  /** Without a bound where it is undefined. */
  constructor(megabitsPerSecond: number | undefined) {
    this.#bytesPerMs = megabitsPerSecond === undefined ? Number.POSITIVE_INFINITY : (megabitsPerSecond * 1_000_000) / 8 / 1_000;
  }

  /** Resolves when so many bytes may go out. */
  async take(bytes: number): Promise<void> {
    const now = performance.now();
    const startMs = Math.max(now, this.#freeAtMs);
    this.#freeAtMs = startMs + bytes / this.#bytesPerMs;
    if (startMs > now) await sleep(startMs - now);
  }
}
