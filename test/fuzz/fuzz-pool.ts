import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { FuzzJob, FuzzJobResult } from "./fuzz-job.ts";

/** A thread that has been at one execution for so long does not come back. */
const hangMs = 30_000;
/** What one thread may have at once: an input that makes its reader take more is a finding. */
const heapMiBMax = 768;

/** Runs the jobs on so many threads, in their order, and tells each one's result when it is there. */
export async function runJobs(
  jobs: readonly FuzzJob[],
  threads: number,
  onResult: (job: FuzzJob, result: FuzzJobResult) => void,
): Promise<void> {
  const waiting = [...jobs];
  await Promise.all(
    Array.from({ length: Math.min(threads, jobs.length) }, async () => {
      let thread = new FuzzThread();
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        const result = await thread.run(job);
        onResult(job, result);
        if (thread.isGone) thread = new FuzzThread();
      }
      await thread.close();
    }),
  );
}

class FuzzThread {
  readonly #at = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker = new Worker(new URL("./fuzz-worker.ts", import.meta.url), {
    workerData: { at: this.#at },
    resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
  });
  isGone = false;

  async run(job: FuzzJob): Promise<FuzzJobResult> {
    const done = new AbortController();
    Atomics.store(this.#at, 0, -1);
    const answered = new Promise<FuzzJobResult>((resolve) => {
      this.#worker.removeAllListeners();
      this.#worker.once("message", resolve);
      this.#worker.once("error", (error: Error) => resolve(this.#ended(job, "threw", `outside of the execution itself: ${error.message}`)));
    });
    this.#worker.postMessage(job);
    try {
      return await Promise.race([answered, this.#watch(job, done.signal)]);
    } finally {
      done.abort();
    }
  }

  async close(): Promise<void> {
    if (this.isGone) return;
    const exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.postMessage("close");
    await Promise.race([exited, sleep(2_000, undefined, { ref: false })]);
    await this.#worker.terminate();
  }

  /** Resolves only where the thread hangs. */
  async #watch(job: FuzzJob, signal: AbortSignal): Promise<FuzzJobResult> {
    for (let seen = -2; ; ) {
      await sleep(hangMs, undefined, { signal, ref: false }).catch(() => new Promise<never>(() => {}));
      const at = Atomics.load(this.#at, 0);
      // A thread that has not begun yet still loads, which a busy machine makes long.
      if (at >= 0 && at === seen) {
        await this.#worker.terminate();
        return this.#ended(job, "hung", `it has not ended within ${hangMs / 1_000} s`);
      }
      seen = at;
    }
  }

  #ended(job: FuzzJob, kind: "threw" | "hung", message: string): FuzzJobResult {
    this.isGone = true;
    const at = Atomics.load(this.#at, 0);
    const execution = at < 0 ? null : at;
    return {
      executions: Math.max(0, at - job.first + 1),
      accepted: 0,
      processorMs: 0,
      finding: { target: job.target, kind, message, execution, input: null },
    };
  }
}
