import type { Dependencies } from "../dependencies.ts";
import { eachCluster } from "./each-cluster.ts";
import { settleLicences } from "./settle-licences.ts";
import type { SweepOutcome, SweepRest } from "./sweep-batches.ts";

/** Settles the licences of every cluster: what falls due by time alone is told here. */
export async function sweepLicences(dependencies: Dependencies, rest?: SweepRest): Promise<SweepOutcome> {
  return eachCluster(dependencies, {
    work: (clusterId) => settleLicences(dependencies, clusterId),
    failure: "the licences of a cluster could not be settled; the next sweep tries again",
    rest,
  });
}
