/** One run, as far as shrinking goes by it. */
interface Run {
  /** None where it went well. */
  readonly violations: readonly { readonly rule: string }[];
  /** The faults that came in it, in their order. */
  readonly faultIds: readonly string[];
}

/** Which of a run's troubles come: all, where it says nothing. */
export interface Reduction<Class> {
  /** Kinds of trouble that are left out. */
  readonly without?: readonly Class[];
  /** The single faults that come. */
  readonly only?: readonly string[];
}

/** The least that still breaks the same rule. */
export interface Least<Class, Result> {
  readonly rule: string;
  /** Kinds of trouble that it does not take. */
  readonly without: readonly Class[];
  /** The faults that it does, by their ids, in the order of the run. */
  readonly only: readonly string[];
  readonly result: Result;
  /** How many runs the search took. */
  readonly runs: number;
}

/**
 * Leaves out kinds of trouble, then ever smaller groups of faults, as long as the first violation stays one of the same rule. Each fault draws from a
 * stream of its own, so that leaving one out does not reshuffle the others. Null: the run goes well.
 */
export function leastThatBreaks<Class, Result extends Run>(
  classes: readonly Class[],
  run: (reduction: Reduction<Class>) => Result,
): Least<Class, Result> | null {
  let result = run({});
  let runs = 1;
  const rule = result.violations[0]?.rule;
  if (rule === undefined) return null;
  const stillBreaks = (reduction: Reduction<Class>): boolean => {
    const next = run(reduction);
    runs += 1;
    if (next.violations[0]?.rule !== rule) return false;
    result = next;
    return true;
  };

  let without: readonly Class[] = [];
  for (const name of classes) if (stillBreaks({ without: [...without, name] })) without = [...without, name];

  let only = result.faultIds;
  for (let size = Math.ceil(only.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let first = 0; first < only.length; ) {
      const fewer = only.toSpliced(first, size);
      if (stillBreaks({ without, only: fewer })) only = fewer;
      else first += size;
    }
  }
  return { rule, without, only, result, runs };
}
