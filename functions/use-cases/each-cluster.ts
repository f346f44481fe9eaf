import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { type Sweeping, type SweepOutcome, sweepBatches } from "./sweep-batches.ts";

/** A store takes many small reads at once: fifty thousand clusters are looked at in minutes. */
const atOnce = 16;

/** Does something for every cluster, some at a time. One for which it fails is logged, and does not keep the others waiting. */
export async function eachCluster(dependencies: Dependencies, sweeping: Omit<Sweeping<ClusterId>, "named">): Promise<SweepOutcome> {
  return sweepBatches(dependencies, clusterBatches(dependencies), { ...sweeping, named: (clusterId) => ({ clusterId }) });
}

async function* clusterBatches({ stores }: Dependencies): AsyncGenerator<readonly ClusterId[]> {
  for (const { customerId } of await stores.customers.list()) {
    const clusters = (await stores.clusters.listOfCustomer(customerId)).map(({ document }) => document.clusterId);
    for (let from = 0; from < clusters.length; from += atOnce) yield clusters.slice(from, from + atOnce);
  }
}
