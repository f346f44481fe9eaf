import { Worker } from "node:worker_threads";
import type { Violation } from "./oracle.ts";

/** Seeds for one thread: every `step`-th from `first` on, up to `last`. */
export interface SeedShare {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly nodes: number | undefined;
  /** Plant this bug, and stop where it shows. */
  readonly mutant: string | null;
}

export interface FailedSeed {
  readonly seed: number;
  readonly violation: Violation;
}

export interface SeedTotals {
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly writes: number;
  readonly conflicts: number;
  readonly faults: number;
  /** Seeds in which the net under it all was needed: a peer was asked again for changes that did not come. */
  readonly askedAgain: number;
  readonly failed: readonly FailedSeed[];
}

/** Runs seeds on as many threads as asked for. Rejects where a run itself breaks down. */
export async function runOnThreads(threads: number, seeds: Omit<SeedShare, "step">): Promise<SeedTotals> {
  const shares = Array.from({ length: threads }, (_, place) => runShare({ ...seeds, first: seeds.first + place, step: threads }));
  const totals = await Promise.all(shares);
  const sum = (of: (one: SeedTotals) => number): number => totals.reduce((total, one) => total + of(one), 0);
  return {
    seeds: sum((one) => one.seeds),
    simulatedMs: sum((one) => one.simulatedMs),
    writes: sum((one) => one.writes),
    conflicts: sum((one) => one.conflicts),
    faults: sum((one) => one.faults),
    askedAgain: sum((one) => one.askedAgain),
    failed: totals.flatMap(({ failed }) => failed).toSorted((one, other) => one.seed - other.seed),
  };
}

async function runShare(share: SeedShare): Promise<SeedTotals> {
  const worker = new Worker(new URL("./seed-thread.ts", import.meta.url), { workerData: share });
  try {
    return await new Promise<SeedTotals>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", (cause) => reject(new Error(`a run of seeds ${share.first} to ${share.last} broke down`, { cause })));
    });
  } finally {
    await worker.terminate();
  }
}
