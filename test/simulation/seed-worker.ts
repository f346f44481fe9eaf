import { parentPort } from "node:worker_threads";
import { mutants } from "./mutants.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedJob, SeedJobResult } from "./seed-pool.ts";
import { Situations } from "./situations.ts";

/** One thread of the pool: runs the seeds of a job, one after the other. */
parentPort?.on("message", (job: SeedJob) => {
  const result: SeedJobResult = { simulatedUs: 0, faults: 0, takeovers: 0, witnessRequests: 0, failed: [], situations: {} };
  const situations = new Situations();
  const mutant = mutants.find((candidate) => candidate.name === job.mutant) ?? null;
  for (let seed = job.firstSeed; seed < job.firstSeed + job.seeds; seed += 1) {
    const run = runSeed(seed, { mutant, nodes: job.nodes });
    result.simulatedUs += run.simulatedUs;
    result.faults += run.faults;
    result.takeovers += run.takeovers;
    result.witnessRequests += run.witnessRequests;
    situations.add(run.situations);
    const [violation] = run.violations;
    if (violation !== undefined) result.failed.push({ seed, nodes: run.nodes, violation });
  }
  result.situations = situations.counts;
  parentPort?.postMessage(result);
});
