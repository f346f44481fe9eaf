import type { Dependencies } from "../dependencies.ts";
import { storePresence } from "../use-cases/record-presence.ts";
import { refreshSummary } from "../use-cases/refresh-summary.ts";

/** After a start: the broker's retained documents are set again, and whoever the last process left as connected is not any more. */
export async function restoreBroker(dependencies: Dependencies, nextSequence: () => number): Promise<void> {
  const { stores, messenger } = dependencies;
  for (const { customerId } of await stores.customers.list()) {
    for (const { document, signed } of await stores.clusters.listOfCustomer(customerId)) {
      await messenger.publishDocument(document.clusterId, signed);
      const { clusterId } = document;
      const connected = (await stores.presence.listOfCluster(clusterId)).filter((presence) => presence.connected);
      for (const { nodeId } of connected)
        await storePresence(dependencies, { clusterId, nodeId }, { connected: false, sequence: nextSequence() });
      if (connected.length > 0) await refreshSummary(dependencies, clusterId, ["status"]);
    }
  }
}
