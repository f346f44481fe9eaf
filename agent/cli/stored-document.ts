import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { requireEnrolledNode } from "../cloud/enrolled-node.ts";
import { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { dataPaths } from "../storage/data-directory.ts";

/** The cluster document that a node has on its disk: its agent need not run. Throws `AgentError` where there is none that can be trusted. */
export async function storedDocument({
  dataDir,
}: AgentSettings): Promise<{ readonly clusterId: ClusterId; readonly document: ClusterDocument }> {
  const paths = dataPaths(dataDir);
  const { clusterId, signingKeys } = await requireEnrolledNode(paths.identity);
  return { clusterId, document: (await TrustStore.open(paths.clusterDocument, signingKeys, clusterId)).current.document };
}
