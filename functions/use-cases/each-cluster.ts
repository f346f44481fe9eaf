import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";

/** A store takes many small reads at once: fifty thousand clusters are looked at in minutes. */
const atOnce = 16;

/** Called after some clusters, with how long they took; false: whoever sweeps is about to end, and the rest is for the next sweep. */
export type SweepRest = (tookMs: number) => Promise<boolean>;

export interface SweepOutcome {
  readonly settled: number;
  readonly failed: number;
}

interface Sweeping {
  readonly work: (clusterId: ClusterId) => Promise<void>;
  readonly failure: string;
  /** In a process that has something else to do as well. */
  readonly rest?: SweepRest | undefined;
}

/** Does something for every cluster, some at a time. One for which it fails is logged, and does not keep the others waiting. */
export async function eachCluster({ stores, log }: Dependencies, { work, failure, rest }: Sweeping): Promise<SweepOutcome> {
  const isDone = async (clusterId: ClusterId): Promise<boolean> => {
    try {
      await work(clusterId);
      return true;
    } catch (error) {
      log.error({ err: error, clusterId }, failure);
      return false;
    }
  };
  let [settled, failed] = [0, 0];
  for (const { customerId } of await stores.customers.list()) {
    const clusters = (await stores.clusters.listOfCustomer(customerId)).map(({ document }) => document.clusterId);
    for (let from = 0; from < clusters.length; from += atOnce) {
      const startedMs = performance.now();
      const outcomes = await Promise.all(clusters.slice(from, from + atOnce).map(isDone));
      settled += outcomes.filter((outcome) => outcome).length;
      failed += outcomes.filter((outcome) => !outcome).length;
      if (rest !== undefined && !(await rest(performance.now() - startedMs))) return { settled, failed };
    }
  }
  return { settled, failed };
}
