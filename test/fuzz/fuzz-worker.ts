import { parentPort, workerData } from "node:worker_threads";
import type { FuzzJob } from "./fuzz-job.ts";
import { runJob } from "./run-job.ts";
import { targetNamed } from "./targets.ts";

/** One thread of the pool: runs a job after the other. The number of the execution that it is at lies in shared memory, where it can be read while it hangs. */
const { at } = workerData as { readonly at: Int32Array };

parentPort?.on("message", (job: FuzzJob | "close") => {
  void (async () => {
    if (job === "close") return parentPort?.close();
    parentPort?.postMessage(await runJob(targetNamed(job.target), job, (execution) => Atomics.store(at, 0, execution)));
  })();
});
