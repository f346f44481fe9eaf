import type { Log } from "../dependencies.ts";

/** Called after some of the work, with how long that took; false: whoever sweeps is about to end, and the rest is for the next sweep. */
export type SweepRest = (tookMs: number) => Promise<boolean>;

export interface SweepOutcome {
  readonly settled: number;
  readonly failed: number;
}

export interface Sweeping<Entry> {
  readonly work: (entry: Entry) => Promise<void>;
  /** What the log names of one that failed. */
  readonly named: (entry: Entry) => object;
  readonly failure: string;
  /** In a process that has something else to do as well. */
  readonly rest?: SweepRest | undefined;
}

/** Does something for every entry, a batch at a time. One for which it fails is logged, and does not keep the others waiting. */
export async function sweepBatches<Entry>(
  { log }: { readonly log: Log },
  batches: AsyncIterable<readonly Entry[]>,
  { work, named, failure, rest }: Sweeping<Entry>,
): Promise<SweepOutcome> {
  const isDone = async (entry: Entry): Promise<boolean> => {
    try {
      await work(entry);
      return true;
    } catch (error) {
      log.error({ err: error, ...named(entry) }, failure);
      return false;
    }
  };
  let [settled, failed] = [0, 0];
  for await (const batch of batches) {
    const startedMs = performance.now();
    const outcomes = await Promise.all(batch.map(isDone));
    settled += outcomes.filter((outcome) => outcome).length;
    failed += outcomes.filter((outcome) => !outcome).length;
    if (rest !== undefined && !(await rest(performance.now() - startedMs))) break;
  }
  return { settled, failed };
}
