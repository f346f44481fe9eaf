import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { type ChangePreview, changeDocument, checkChange } from "../use-cases/change-document.ts";
import { type ClusterProposal, proposedChange } from "./cluster-change-form.ts";

export interface VersionedCluster {
  readonly clusterId: ClusterId;
  /** Of the document that the visitor has seen. */
  readonly expectedVersion: number;
}

/** What the page about a cluster's changes does; refused like everything that the console changes. */
export interface ClusterChangeData {
  /** What would follow; changes nothing. */
  check(target: VersionedCluster, proposal: ClusterProposal): Promise<ChangePreview>;
  make(target: VersionedCluster, proposal: ClusterProposal): Promise<void>;
}

/** On the control plane's own use cases. */
export function clusterChangeData(dependencies: Dependencies): ClusterChangeData {
  return {
    check: ({ clusterId, expectedVersion }, proposal) => checkChange(dependencies, clusterId, proposedChange(proposal), expectedVersion),
    async make({ clusterId, expectedVersion }, proposal) {
      await changeDocument(dependencies, clusterId, proposedChange(proposal), expectedVersion);
    },
  };
}
