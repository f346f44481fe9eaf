const firstWaitMs = 15_000;
const longestWaitMs = 15 * 60_000;
/** Somebody who has left off for so long begins afresh. */
const forgottenAfterMs = 60 * 60_000;
/** Names remembered at once; the one tried longest ago goes first, so that a flood of invented names cannot fill the memory. */
const namesMax = 10_000;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

/**
 * Slows guessing down, for an e-mail address or for a network address: after the free attempts (people mistype) each further wrong
 * password doubles the wait, from 15 seconds to 15 minutes. In memory: a restart forgives, but it is the owner who restarts.
 */
export class LoginThrottle {
  readonly #freeAttempts: number;
  readonly #failures = new Map<string, Failures>();

  constructor(freeAttempts: number) {
    this.#freeAttempts = freeAttempts;
  }

  /** How long this name must still wait before its next attempt; 0 where it need not. */
  waitMs(name: string, nowMs: number): number {
    const failures = this.#current(name, nowMs);
    if (failures === undefined || failures.count < this.#freeAttempts) return 0;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures.count - this.#freeAttempts));
    return Math.max(0, failures.lastMs + waitMs - nowMs);
  }

  failed(name: string, nowMs: number): void {
    const count = (this.#current(name, nowMs)?.count ?? 0) + 1;
    this.#failures.delete(name);
    this.#failures.set(name, { count, lastMs: nowMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > namesMax && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }

  #current(name: string, nowMs: number): Failures | undefined {
    const failures = this.#failures.get(name);
    return failures !== undefined && nowMs - failures.lastMs < forgottenAfterMs ? failures : undefined;
  }
}
