import type { Dependencies } from "../dependencies.ts";
import { sweepLicences } from "../use-cases/sweep-licences.ts";

/** Woken by a schedule, once an hour. Retried by it; a repeat is harmless, because each thing is told once. */
export function licencesHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const { failed } = await sweepLicences(dependencies);
    if (failed > 0) throw new Error(`the licences of ${failed} clusters could not be settled: the log names each`);
  };
}
