import { type FaultClass, faultClasses } from "./options.ts";
import { type RunOptions, runSeed, type SeedResult } from "./run-seed.ts";

/** The least that still breaks the same rule. */
export interface Shrunk {
  readonly rule: string;
  readonly without: readonly FaultClass[];
  /** The faults that it takes, by their ids, in the order of the run. */
  readonly only: readonly string[];
  readonly result: SeedResult;
}

/** Leaves out kinds of trouble, then ever smaller groups of faults, as long as the first violation stays one of the same rule. Null: the seed goes well. */
export function shrink(seed: number, given: Omit<RunOptions, "trace" | "without" | "only">): Shrunk | null {
  let result = runSeed(seed, given);
  const rule = result.violations[0]?.rule;
  if (rule === undefined) return null;
  const breaks = (options: Pick<RunOptions, "without" | "only">): boolean => {
    const next = runSeed(seed, { ...given, ...options });
    if (next.violations[0]?.rule !== rule) return false;
    result = next;
    return true;
  };
  const without = faultClasses.reduce<readonly FaultClass[]>(
    (left, name) => (breaks({ without: [...left, name] }) ? [...left, name] : left),
    [],
  );
  let only = result.faultIds;
  for (let size = only.length; size >= 1; size = Math.floor(size / 2)) {
    for (let first = 0; first < only.length; ) {
      const fewer = only.toSpliced(first, size);
      if (breaks({ without, only: fewer })) only = fewer;
      else first += size;
    }
  }
  return { rule, without, only, result };
}
