import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { RemovalPreview } from "../../shared/protocol/removal-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { previewClusterRemoval, previewCustomerRemoval } from "../use-cases/preview-removal.ts";
import { removeCluster } from "../use-cases/remove-cluster.ts";
import { removeCustomer } from "../use-cases/remove-customer.ts";
import type { VersionedCluster } from "./cluster-change-data.ts";

/** What the pages about removing do; refused like everything that the console changes. `confirm`: the name, as the visitor has typed it. */
export interface RemovalConsoleData {
  /** What would follow; changes nothing. */
  checkCluster(clusterId: ClusterId): Promise<RemovalPreview>;
  checkCustomer(customerId: CustomerId): Promise<RemovalPreview>;
  removeCluster(target: VersionedCluster, confirm: string): Promise<void>;
  removeCustomer(customerId: CustomerId, confirm: string): Promise<void>;
}

/** On the control plane's own use cases. */
export function removalConsoleData(dependencies: Dependencies): RemovalConsoleData {
  return {
    checkCluster: (clusterId) => previewClusterRemoval(dependencies, clusterId, {}),
    checkCustomer: (customerId) => previewCustomerRemoval(dependencies, customerId, {}),
    async removeCluster({ clusterId, expectedVersion }, confirm) {
      await removeCluster(dependencies, clusterId, { confirm, expectedVersion });
    },
    async removeCustomer(customerId, confirm) {
      await removeCustomer(dependencies, customerId, { confirm });
    },
  };
}
