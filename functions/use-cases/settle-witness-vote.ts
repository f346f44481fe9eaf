import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import {
  isCloudWitnessDue,
  isCloudWitnessPossible,
  isWitnessVoteUnsettled,
  witnessVoteDue,
} from "../../shared/domain/membership/witness-vote.ts";
import type { Dependencies } from "../dependencies.ts";
import { changeDocument } from "./change-document.ts";
import { newCloudWitness } from "./choose-cloud-witness.ts";
import { Refusal } from "./refusal.ts";

/**
 * Makes the control plane the witness where that is due; gives the witness its vote, or takes it, as the number of voting nodes asks for. Called with every report; while the last change of
 * voters is still being taken in nothing happens: the report that ends the wait calls again. `current`: as it was just read; only where something is due by it, more is read.
 */
export async function settleWitnessVote(dependencies: Dependencies, current: ClusterDocument): Promise<void> {
  const { clusterId } = current;
  const isOwnDue = async (document: ClusterDocument): Promise<boolean> => {
    // Asked with every report of every node: where it cannot be, nothing is read for it.
    if (!isCloudWitnessPossible(document)) return false;
    const reports = (await dependencies.stores.reports.listOfCluster(clusterId)).map(({ report }) => report);
    return isCloudWitnessDue(document, reports, dependencies.nowMs() - Date.parse(document.issuedAt));
  };
  if (!isWitnessVoteUnsettled(current) && !(await isOwnDue(current))) return;
  try {
    await changeDocument(dependencies, clusterId, async (document) => {
      if (await isOwnDue(document)) return { witness: newCloudWitness(document) };
      const reports = await dependencies.stores.reports.listOfCluster(clusterId);
      const voting = witnessVoteDue(
        document,
        reports.map(({ report }) => report),
      );
      if (voting === null || document.witness === undefined) return null;
      dependencies.log.info({ clusterId, nodeId: document.witness.nodeId, voting }, "the witness's vote changes");
      return { witness: { ...document.witness, voting } };
    });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "membership-change-pending")) throw error;
  }
}
