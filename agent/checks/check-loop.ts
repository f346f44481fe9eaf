import { pauseSpread } from "../../shared/domain/monitoring/check-verdict.ts";
import type { HealthCheck } from "./health-check.ts";

export interface CheckLoopOptions {
  readonly check: HealthCheck;
  readonly timeoutMs: number;
  /** The pause until the next look, before it is spread. Asked after every look. */
  readonly pauseMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly onLook: (problem: string | null) => void;
}

/** Looks again and again while it is switched on: one look at a time, with pauses that no two checks share. */
export class CheckLoop {
  readonly #options: CheckLoopOptions;
  #run: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: CheckLoopOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#run !== null;
  }

  /** The first look comes somewhere within the first pause. */
  start(): void {
    if (this.#run !== null) return;
    const run = new AbortController();
    this.#run = run;
    // A look of before that is still being ended comes first.
    this.#ended = this.#ended.then(() => this.#goOn(run.signal));
  }

  /** Ends the look under way; what it found is told to nobody. Resolves when nothing runs any more. */
  stop(): Promise<void> {
    this.#run?.abort();
    this.#run = null;
    return this.#ended;
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    const { pauseMs, chance, onLook } = this.#options;
    await pause(pauseMs() * chance(), signal);
    while (!signal.aborted) {
      const problem = await this.#look(signal);
      if (signal.aborted) return;
      onLook(problem);
      await pause(pauseMs() * (1 + pauseSpread * (2 * chance() - 1)), signal);
    }
  }

  async #look(signal: AbortSignal): Promise<string | null> {
    const { check, timeoutMs } = this.#options;
    const limit = new AbortController();
    const end = (): void => limit.abort();
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    try {
      const problem = await check.look(limit.signal);
      return problem !== null && limit.signal.aborted ? `no answer within ${timeoutMs} ms` : problem;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener("abort", over, { once: true });
  });
}
