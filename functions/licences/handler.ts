import type { Dependencies } from "../dependencies.ts";
import { sweepCertificates } from "../use-cases/sweep-certificates.ts";
import { sweepLicences } from "../use-cases/sweep-licences.ts";

/** Woken by a schedule, once an hour, for licences and for the nodes' certificates. Retried by it; a repeat is harmless, because each thing is told once. */
export function licencesHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const [licences, certificates] = [await sweepLicences(dependencies), await sweepCertificates(dependencies)];
    const failed = licences.failed + certificates.failed;
    if (failed > 0) throw new Error(`the licences or certificates of ${failed} clusters could not be settled: the log names each`);
  };
}
