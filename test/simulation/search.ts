import type { FailedSeed, SeedJobResult, SeedPool } from "./seed-pool.ts";
import { type SituationCounts, Situations } from "./situations.ts";

/** What `simulate` prints: one object, whatever the number of seeds. */
export interface Summary {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly simulatedHours: number;
  readonly faults: number;
  readonly takeovers: number;
  /** Lease requests to a witness: the cost of having one. */
  readonly witnessRequests: number;
  /** Seeds in which something happened that never may, and in which something did not happen that must. */
  readonly unsafe: number;
  readonly notRecovered: number;
  readonly failed: readonly FailedSeed[];
  readonly situations: SituationCounts;
}

const seedsPerJob = 20;
const failedShownMax = 20;

/** Runs the production core through seeds, on all of the pool's threads. */
export async function runSeeds(
  pool: SeedPool,
  { firstSeed, seeds, nodes }: { readonly firstSeed: number; readonly seeds: number; readonly nodes?: number | undefined },
  progress: (done: number) => void,
): Promise<Summary> {
  let done = 0;
  const run = async (first: number): Promise<SeedJobResult> => {
    const count = Math.min(seedsPerJob, firstSeed + seeds - first);
    const result = await pool.run({ firstSeed: first, seeds: count, mutant: null, nodes });
    done += count;
    progress(done);
    return result;
  };
  const jobs = Array.from({ length: Math.ceil(seeds / seedsPerJob) }, (_, index) => run(firstSeed + index * seedsPerJob));
  const results = await Promise.all(jobs);
  const situations = new Situations();
  for (const result of results) situations.add(result.situations);
  const sum = (of: (result: SeedJobResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  const failed = results.flatMap((result) => result.failed).toSorted((a, b) => a.seed - b.seed);
  return {
    seeds,
    firstSeed,
    simulatedHours: Number((sum((result) => result.simulatedUs) / 3_600_000_000).toFixed(3)),
    faults: sum((result) => result.faults),
    takeovers: sum((result) => result.takeovers),
    witnessRequests: sum((result) => result.witnessRequests),
    unsafe: failed.filter(({ violation }) => violation.verdict === "unsafe").length,
    notRecovered: failed.filter(({ violation }) => violation.verdict === "notRecovered").length,
    failed: failed.slice(0, failedShownMax),
    situations: situations.counts,
  };
}

/** Where a planted bug first shows at one size of cluster. */
export interface Catch {
  readonly mutant: string;
  readonly nodes: number;
  /** Null where it was not found within the seeds tried. */
  readonly seed: number | null;
  readonly rule: string | null;
  readonly seedsTried: number;
}

/** Tries seed after seed until the bug shows. */
export async function catchMutant(pool: SeedPool, mutant: string, nodes: number, firstSeed: number, seedsMax: number): Promise<Catch> {
  for (let tried = 0; tried < seedsMax; tried += seedsPerJob) {
    const seeds = Math.min(seedsPerJob, seedsMax - tried);
    const { failed } = await pool.run({ firstSeed: firstSeed + tried, seeds, mutant, nodes });
    const [first] = failed;
    if (first !== undefined) return { mutant, nodes, seed: first.seed, rule: first.violation.rule, seedsTried: first.seed - firstSeed + 1 };
  }
  return { mutant, nodes, seed: null, rule: null, seedsTried: seedsMax };
}
