import { type Least, leastThatBreaks } from "./delta-debugging.ts";
import { type RunOptions, runSeed, type SeedResult } from "./run-seed.ts";
import { type FaultClass, faultClasses } from "./swarm.ts";

export type Shrunk = Least<FaultClass, SeedResult>;

export function shrink(seed: number, given: Omit<RunOptions, "trace" | "without" | "only">): Shrunk | null {
  return leastThatBreaks(faultClasses, (reduction) => runSeed(seed, { ...given, ...reduction }));
}
