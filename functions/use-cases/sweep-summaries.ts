import type { Dependencies } from "../dependencies.ts";
import { eachCluster } from "./each-cluster.ts";
import { refreshSummary } from "./refresh-summary.ts";
import type { SweepOutcome, SweepRest } from "./sweep-batches.ts";

/** Grows with every change of what a summary holds: those of an earlier form are made anew at the next start. */
const summaryForm = 1;

/** Looks at the summary of every cluster again: one whose last change was not summed up, since its process was killed in between, is right after this. */
export async function sweepSummaries(dependencies: Dependencies, rest?: SweepRest): Promise<SweepOutcome> {
  return eachCluster(dependencies, {
    work: (clusterId) => refreshSummary(dependencies, clusterId),
    failure: "the summary of a cluster could not be made, and the fleet may not show it as it is; the next sweep tries again",
    rest,
  });
}

/** Makes the summaries of data that were written before there were any, or in an earlier form. Nothing where that was done; what fails is tried again at the next start. */
export async function completeSummaries(dependencies: Dependencies): Promise<void> {
  const { summaries } = dependencies.stores;
  if ((await summaries.completeForm()) >= summaryForm) return;
  const { failed } = await sweepSummaries(dependencies);
  if (failed === 0) await summaries.noteComplete(summaryForm);
}
