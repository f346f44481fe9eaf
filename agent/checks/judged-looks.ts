import { type CheckEdge, type CheckPace, type CheckVerdict, firstVerdict, judged } from "../../shared/domain/monitoring/check-verdict.ts";
import { CheckLoop } from "./check-loop.ts";
import type { HealthCheck } from "./health-check.ts";

export interface JudgedLooksOptions {
  readonly check: HealthCheck;
  readonly pace: CheckPace;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly onEdge?: (edge: CheckEdge) => void;
}

/** Looks at one thing for as long as this is open, and says what all looks together come to. */
export class JudgedLooks {
  readonly #nowMs: () => number;
  readonly #loop: CheckLoop;
  #verdict: CheckVerdict;
  #lastLookAtMs: number | null = null;

  constructor({ check, pace, nowMs, chance, onEdge }: JudgedLooksOptions) {
    this.#nowMs = nowMs;
    this.#verdict = firstVerdict(nowMs());
    this.#loop = new CheckLoop({
      check,
      timeoutMs: pace.timeoutMs,
      pauseMs: () => (this.#verdict.illSinceMs === null ? pace.intervalMs : pace.retryIntervalMs),
      chance,
      onLook: (problem) => {
        const atMs = nowMs();
        this.#lastLookAtMs = atMs;
        const { verdict, edge } = judged(this.#verdict, { atMs, problem }, pace);
        this.#verdict = verdict;
        if (edge !== null) onEdge?.(edge);
      },
    });
    this.#loop.start();
  }

  get verdict(): CheckVerdict {
    return this.#verdict;
  }

  /** For how long the verdict has been this one, and how long ago the newest look ended; null where there was none yet. */
  get times(): { readonly stateForMs: number; readonly lastLookMs: number | null } {
    const nowMs = this.#nowMs();
    return {
      stateForMs: Math.round(nowMs - this.#verdict.sinceMs),
      lastLookMs: this.#lastLookAtMs === null ? null : Math.round(nowMs - this.#lastLookAtMs),
    };
  }

  /** Resolves when nothing is looked at any more. */
  close(): Promise<void> {
    return this.#loop.stop();
  }
}
