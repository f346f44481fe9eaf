import { limits } from "../../shared/config/limits.ts";
import type { Dependencies } from "../dependencies.ts";
import type { ClusterRemoval, CustomerRemoval } from "../store/removal-store.ts";
import { clearCustomer, clearRemains } from "./clear-remains.ts";
import { type SweepOutcome, type SweepRest, sweepBatches } from "./sweep-batches.ts";

/**
 * Goes on with removals that were interrupted, or had more to delete than one request does, and deletes what somebody has written who was at work on the cluster while it was removed. A day later
 * nobody is, and nothing is left but the note.
 */
export async function sweepRemovals(dependencies: Dependencies, rest?: SweepRest): Promise<SweepOutcome> {
  return sweepBatches(dependencies, unfinished(dependencies), {
    work: ({ goOn }) => goOn(),
    named: ({ removal }) => removal,
    failure: "what is left of something that was removed could not be deleted; the next sweep tries again",
    rest,
  });
}

interface Unfinished {
  readonly removal: CustomerRemoval;
  readonly goOn: () => Promise<void>;
}

/** One at a time: each deletes some at once. */
async function* unfinished(dependencies: Dependencies): AsyncGenerator<readonly Unfinished[]> {
  const { removals } = dependencies.stores;
  for (const removal of await removals.unfinishedClusters(limits.removalsPerSweep))
    yield [{ removal, goOn: () => goOnWithCluster(dependencies, removal) }];
  for (const removal of await removals.unfinishedCustomers(limits.removalsPerSweep))
    yield [{ removal, goOn: () => goOnWithCustomer(dependencies, removal) }];
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
