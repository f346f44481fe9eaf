import { limits } from "../../shared/config/limits.ts";
import type { Dependencies } from "../dependencies.ts";
import type { ClusterRemoval, CustomerRemoval } from "../store/removal-store.ts";
import { clearCustomer, clearRemains } from "./clear-remains.ts";
import type { SweepOutcome, SweepRest } from "./each-cluster.ts";

/**
 * Goes on with removals that were interrupted, or had more to delete than one request does, and deletes what somebody has written who was at work on the cluster while it was removed. A day later
 * nobody is, and nothing is left but the note.
 */
export async function sweepRemovals(dependencies: Dependencies, rest?: SweepRest): Promise<SweepOutcome> {
  const { stores, log } = dependencies;
  const { removals } = stores;
  const work = [
    ...(await removals.unfinishedClusters(limits.removalsPerSweep)).map((removal) => ({
      removal,
      run: () => goOnWithCluster(dependencies, removal),
    })),
    ...(await removals.unfinishedCustomers(limits.removalsPerSweep)).map((removal) => ({
      removal,
      run: () => goOnWithCustomer(dependencies, removal),
    })),
  ];
  let [settled, failed] = [0, 0];
  for (const { removal, run } of work) {
    const startedMs = performance.now();
    try {
      await run();
      settled += 1;
    } catch (error) {
      failed += 1;
      log.error({ err: error, ...removal }, "what is left of something that was removed could not be deleted; the next sweep tries again");
    }
    if (rest !== undefined && !(await rest(performance.now() - startedMs))) break;
  }
  return { settled, failed };
}

async function goOnWithCluster(dependencies: Dependencies, removal: ClusterRemoval): Promise<void> {
  const isClear = await clearRemains(dependencies, removal);
  if (isClear && isSettled(dependencies, removal)) await dependencies.stores.removals.finishCluster(removal);
}

async function goOnWithCustomer(dependencies: Dependencies, removal: CustomerRemoval): Promise<void> {
  const isClear = await clearCustomer(dependencies, removal);
  if (isClear && isSettled(dependencies, removal)) await dependencies.stores.removals.finishCustomer(removal);
}

function isSettled({ nowMs }: Dependencies, { removedAt }: CustomerRemoval): boolean {
  return Date.parse(removedAt) + limits.removalSettledMs <= nowMs();
}
