import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { learnerToPromote } from "../../shared/domain/membership/promotion.ts";
import type { Dependencies } from "../dependencies.ts";
import { changeDocument } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/**
 * Gives a learner its vote once it is ready for it. Called with every report: whichever node's comes last completes the picture.
 * One learner at a time, and none while the last change of voters is still being taken in: the report that ends the wait calls again. `current`: as it was just read.
 */
export async function promoteLearner(dependencies: Dependencies, { clusterId, nodes }: ClusterDocument): Promise<void> {
  if (nodes.every((node) => node.voting)) return;
  try {
    await changeDocument(dependencies, clusterId, async (document) => {
      const reports = await dependencies.stores.reports.listOfCluster(clusterId);
      const promoted = learnerToPromote(
        document,
        reports.map(({ report }) => report),
      );
      if (promoted === null) return null;
      dependencies.log.info({ clusterId, nodeId: promoted }, "a learner becomes a voter");
      return { nodes: document.nodes.map((node) => (node.nodeId === promoted ? { ...node, voting: true } : node)) };
    });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "membership-change-pending")) throw error;
  }
}
