import type { Dependencies } from "../dependencies.ts";
import { recordPresence } from "../use-cases/record-presence.ts";

/** After a start: the broker's retained documents are set again, and whoever the last process left as connected is not any more. */
export async function restoreBroker(dependencies: Dependencies, nextSequence: () => number): Promise<void> {
  const { stores, messenger } = dependencies;
  for (const { customerId } of await stores.customers.list()) {
    for (const { document, signed } of await stores.clusters.listOfCustomer(customerId)) {
      await messenger.publishDocument(document.clusterId, signed);
      for (const { clusterId, nodeId, connected } of await stores.presence.listOfCluster(document.clusterId)) {
        if (connected) await recordPresence(dependencies, { clusterId, nodeId }, { connected: false, sequence: nextSequence() });
      }
    }
  }
}
