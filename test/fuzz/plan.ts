import type { FuzzJob } from "./fuzz-job.ts";
import type { FuzzTarget } from "./fuzz-target.ts";

const jobExecutionsMax = 20_000;

/** Shares the executions out among the targets, each with at least one, in jobs that several threads can take. */
export function planOf(targets: readonly FuzzTarget[], executions: number, seed: number): readonly FuzzJob[] {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  let sharedOut = 0;
  let sharesBefore = 0;
  return targets.flatMap(({ name: target, share }) => {
    sharesBefore += share;
    const upTo = Math.max(sharedOut + 1, Math.round((executions * sharesBefore) / shares));
    const own = upTo - sharedOut;
    sharedOut = upTo;
    return Array.from({ length: Math.ceil(own / jobExecutionsMax) }, (_, piece) => ({
      target,
      seed,
      first: piece * jobExecutionsMax,
      executions: Math.min(jobExecutionsMax, own - piece * jobExecutionsMax),
      withCorpus: piece === 0,
    }));
  });
}
