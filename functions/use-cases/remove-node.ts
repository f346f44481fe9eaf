import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/** A document without the node: from then on its certificate is nobody's, for the cloud and for its peers. */
export async function removeNode(
  dependencies: Dependencies,
  target: { readonly clusterId: ClusterId; readonly nodeId: NodeId; readonly expectedVersion?: number },
): Promise<StoredCluster> {
  const { clusterId, nodeId, expectedVersion } = target;
  return changeDocument(
    dependencies,
    clusterId,
    async ({ name, nodes, groups }) => {
      if (!nodes.some((node) => node.nodeId === nodeId)) {
        throw new Refusal(
          "not-found",
          `cluster ${name} has no node ${nodeId}`,
          "Read the cluster again: it may have been removed already.",
        );
      }
      return {
        nodes: nodes.filter((node) => node.nodeId !== nodeId),
        groups: groups.map((group) => ({ ...group, order: group.order.filter((member) => member !== nodeId) })),
      };
    },
    expectedVersion,
  );
}
