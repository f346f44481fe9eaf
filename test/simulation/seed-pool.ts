import { Worker } from "node:worker_threads";
import type { Violation } from "./oracle.ts";
import type { SituationCounts } from "./situations.ts";

/** Seeds to run, all of them on one thread. */
export interface SeedJob {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Null: the production core as it is. */
  readonly mutant: string | null;
  readonly nodes: number | undefined;
}

export interface FailedSeed {
  readonly seed: number;
  readonly nodes: number;
  readonly violation: Violation;
}

export interface SeedJobResult {
  simulatedUs: number;
  faults: number;
  takeovers: number;
  witnessRequests: number;
  failed: FailedSeed[];
  situations: SituationCounts;
}

/** Runs jobs on as many threads as asked for. Rejects where a run itself breaks down, naming its job. */
export class SeedPool {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(threads: number) {
    for (let thread = 0; thread < threads; thread += 1) {
      const worker = new Worker(new URL("./seed-worker.ts", import.meta.url));
      this.#all.push(worker);
      this.#idle.push(worker);
    }
  }

  async run(job: SeedJob): Promise<SeedJobResult> {
    const worker = this.#idle.pop() ?? (await new Promise<Worker>((resolve) => this.#waiting.push(resolve)));
    try {
      return await new Promise<SeedJobResult>((resolve, reject) => {
        const fail = (cause: unknown): void => {
          const seeds = `${job.firstSeed} to ${job.firstSeed + job.seeds - 1}`;
          reject(new Error(`a run of seeds ${seeds} (${job.mutant ?? "production core"}) broke down`, { cause }));
        };
        worker.removeAllListeners();
        worker.once("message", resolve);
        worker.once("error", fail);
        worker.postMessage(job);
      });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(worker);
      else next(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }
}
