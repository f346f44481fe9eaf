import type { Dependencies } from "../dependencies.ts";
import { sweepCertificates } from "../use-cases/sweep-certificates.ts";
import { sweepLicences } from "../use-cases/sweep-licences.ts";
import { sweepRemovals } from "../use-cases/sweep-removals.ts";

/** Woken by a schedule, once an hour, for licences, for the nodes' certificates, and for what is left of clusters and customers that were removed. Retried by it; a repeat is harmless, because each thing is told once. */
export function licencesHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const outcomes = [await sweepLicences(dependencies), await sweepCertificates(dependencies), await sweepRemovals(dependencies)];
    const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
    if (failed > 0)
      throw new Error(`the licences, certificates or remains of ${failed} clusters or customers could not be settled: the log names each`);
  };
}
