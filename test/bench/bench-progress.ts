import { labMs, type PlannedLab, sampleMs } from "./bench-plan.ts";

/** How long a run of the plan will still take: as its parts are known to, stretched by how much slower than that this run is so far. */
export class BenchProgress {
  readonly #startedMs: number;
  #doneMs = 0;
  #leftMs: number;

  constructor(plan: readonly PlannedLab[], nowMs: number) {
    this.#startedMs = nowMs;
    this.#leftMs = sum(
      plan.map(({ profile, scenarios }) => labMs + sum(scenarios.map(({ scenario, samples }) => samples * sampleMs(profile, scenario)))),
    );
  }

  /** `plannedMs`: what the part that is done was planned to take. */
  isDone(plannedMs: number): void {
    this.#doneMs += plannedMs;
    this.#leftMs -= plannedMs;
  }

  minutesToGo(nowMs: number): number {
    const stretch = this.#doneMs === 0 ? 1 : (nowMs - this.#startedMs) / this.#doneMs;
    return Math.ceil((stretch * this.#leftMs) / 60_000);
  }
}

function sum(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0);
}
