import type { Dependencies } from "../dependencies.ts";
import { sweepSummaries } from "../use-cases/sweep-summaries.ts";

/** Woken by a schedule, now and then. Retried by it; a repeat is harmless, because what is right already is not written. */
export function summariesHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const { failed } = await sweepSummaries(dependencies);
    if (failed > 0) throw new Error(`the summaries of ${failed} clusters could not be made: the log names each`);
  };
}
