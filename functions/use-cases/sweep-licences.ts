import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { settleLicences } from "./settle-licences.ts";

/** A store takes many small reads at once: fifty thousand clusters are looked at in minutes. */
const atOnce = 16;

/** Settles the licences of every cluster: what falls due by time alone is told here. A cluster that cannot be settled is logged, and does not keep the others waiting. */
export async function sweepLicences(dependencies: Dependencies): Promise<{ readonly settled: number; readonly failed: number }> {
  const { stores } = dependencies;
  let [settled, failed] = [0, 0];
  for (const { customerId } of await stores.customers.list()) {
    const clusters = (await stores.clusters.listOfCustomer(customerId)).map(({ document }) => document.clusterId);
    for (let from = 0; from < clusters.length; from += atOnce) {
      const outcomes = await Promise.all(clusters.slice(from, from + atOnce).map((clusterId) => settles(dependencies, clusterId)));
      settled += outcomes.filter((outcome) => outcome).length;
      failed += outcomes.filter((outcome) => !outcome).length;
    }
  }
  return { settled, failed };
}

async function settles(dependencies: Dependencies, clusterId: ClusterId): Promise<boolean> {
  try {
    await settleLicences(dependencies, clusterId);
    return true;
  } catch (error) {
    dependencies.log.error({ err: error, clusterId }, "the licences of a cluster could not be settled; the next sweep tries again");
    return false;
  }
}
