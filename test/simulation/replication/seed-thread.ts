import { parentPort, workerData } from "node:worker_threads";
import { mutants } from "./mutants.ts";
import { runSeed } from "./run-seed.ts";
import type { FailedSeed, SeedShare, SeedTotals } from "./seed-threads.ts";

/** One thread's share of the seeds, one after the other. */
const { first, last, step, nodes, mutant: name } = workerData as SeedShare;
const mutant = name === null ? null : mutants.find((one) => one.name === name);
if (mutant === undefined) throw new Error(`there is no planted bug ${name}`);

const failed: FailedSeed[] = [];
const totals = { seeds: 0, simulatedMs: 0, writes: 0, conflicts: 0, faults: 0, askedAgain: 0 };
for (let seed = first; seed <= last; seed += step) {
  const result = runSeed(seed, { mutant, nodes });
  totals.seeds += 1;
  totals.simulatedMs += result.simulatedMs;
  totals.writes += result.writes;
  totals.conflicts += result.conflicts;
  totals.faults += result.faultIds.length;
  totals.askedAgain += result.warnings.length > 0 ? 1 : 0;
  const [violation] = result.violations;
  if (violation !== undefined) failed.push({ seed, violation });
  if (violation !== undefined && mutant !== null) break;
}
parentPort?.postMessage({ ...totals, failed } satisfies SeedTotals);
