import { limits } from "../../shared/config/limits.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { ClusterRemoval, CustomerRemoval } from "../store/removal-store.ts";

/** Ends the connections of a removed cluster's nodes and deletes what is stored of it, as far as one request may. False: there is more. Safe to repeat, and to run twice at once. */
export async function clearRemains(dependencies: Dependencies, removal: ClusterRemoval): Promise<boolean> {
  const { messenger, stores } = dependencies;
  await messenger.retire(removal.clusterId);
  for (const { windowId, clusterId } of await stores.alertSettings.windows(removal.customerId)) {
    if (clusterId === removal.clusterId) await stores.alertSettings.removeWindow(removal.customerId, windowId);
  }
  return clearStored(dependencies, removal);
}

async function clearStored({ stores }: Pick<Dependencies, "stores">, removal: ClusterRemoval): Promise<boolean> {
  await stores.summaries.remove(removal.clusterId);
  return inSteps((limit) => stores.removals.clearCluster(removal, limit));
}

/** The same of a removed customer, which has no clusters any more: its topics and how it was told. */
export async function clearCustomer({ stores, notifier }: Dependencies, removal: CustomerRemoval): Promise<boolean> {
  await notifier.removeTopics(removal.customerId);
  return inSteps((limit) => stores.removals.clearCustomer(removal, limit));
}

/**
 * For whoever has come upon something of a cluster that is not in the store: true where it was removed, and what is stored of it is deleted then, so that nobody comes upon it again. False where
 * there never was one.
 */
export async function isRemovedAndCleared(dependencies: Pick<Dependencies, "stores">, clusterId: ClusterId): Promise<boolean> {
  const removal = await dependencies.stores.removals.findCluster(clusterId);
  if (removal === undefined) return false;
  await clearStored(dependencies, removal);
  return true;
}

async function inSteps(clear: (limit: number) => Promise<number>): Promise<boolean> {
  for (let step = 0; step < limits.removalStepsPerRequest; step += 1) {
    if ((await clear(limits.removedItemsPerStep)) === 0) return true;
  }
  return false;
}
