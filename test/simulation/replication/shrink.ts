import { type Least, leastThatBreaks } from "../delta-debugging.ts";
import { type FaultClass, faultClasses } from "./options.ts";
import { type RunOptions, runSeed, type SeedResult } from "./run-seed.ts";

export function shrink(seed: number, given: Omit<RunOptions, "trace" | "without" | "only">): Least<FaultClass, SeedResult> | null {
  return leastThatBreaks(faultClasses, (reduction) => runSeed(seed, { ...given, ...reduction }));
}
