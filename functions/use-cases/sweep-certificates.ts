import type { Dependencies } from "../dependencies.ts";
import { eachCluster } from "./each-cluster.ts";
import { lookAfterCertificates } from "./look-after-certificates.ts";
import type { SweepOutcome, SweepRest } from "./sweep-batches.ts";

/** Looks after the certificates of every cluster's nodes: what falls due by time alone is done and told here. */
export async function sweepCertificates(dependencies: Dependencies, rest?: SweepRest): Promise<SweepOutcome> {
  return eachCluster(dependencies, {
    work: (clusterId) => lookAfterCertificates(dependencies, clusterId),
    failure: "the certificates of a cluster could not be looked after; the next sweep tries again",
    rest,
  });
}
