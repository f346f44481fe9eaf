import { type RunOptions, runSeed, type SeedResult } from "./run-seed.ts";
import { type FaultClass, faultClasses } from "./swarm.ts";

/** The least that still breaks the same rule. */
export interface Shrunk {
  readonly rule: string;
  /** Kinds of trouble that it does not take. */
  readonly without: readonly FaultClass[];
  /** The faults that it does, by their ids, in the order of the run. */
  readonly only: readonly string[];
  readonly result: SeedResult;
  /** How many runs the search took. */
  readonly runs: number;
}

/**
 * Leaves out kinds of trouble, then single faults (delta debugging), as long as the first violation stays one of the same rule. Each fault
 * draws from a stream of its own, so that leaving one out does not reshuffle the others. Null: the seed goes well.
 */
export function shrink(seed: number, given: Omit<RunOptions, "trace" | "without" | "only">): Shrunk | null {
  let runs = 0;
  const tried = (options: Pick<RunOptions, "without" | "only">): SeedResult => {
    runs += 1;
    return runSeed(seed, { ...given, ...options });
  };
  let result = tried({});
  const rule = result.violations[0]?.rule;
  if (rule === undefined) return null;
  const stillBreaks = (next: SeedResult): boolean => {
    if (next.violations[0]?.rule !== rule) return false;
    result = next;
    return true;
  };

  let without: readonly FaultClass[] = [];
  for (const name of faultClasses) if (stillBreaks(tried({ without: [...without, name] }))) without = [...without, name];

  let only = result.faultIds;
  for (let size = Math.ceil(only.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let first = 0; first < only.length; ) {
      const fewer = only.toSpliced(first, size);
      if (stillBreaks(tried({ without, only: fewer }))) only = fewer;
      else first += size;
    }
  }
  return { rule, without, only, result, runs };
}
