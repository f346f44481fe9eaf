import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Witness } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { type Candidate, certifiedBy, claimCertificate, refuseTaken, sameToken } from "./admit-node.ts";
import { changeDocument } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/**
 * Puts the witness into the cluster document, at first without a vote (settle-witness-vote.ts). It protects no data and runs no service,
 * so it takes no licence. Idempotent for the same witness.
 */
export async function admitWitness(dependencies: Dependencies, clusterId: ClusterId, candidate: Candidate): Promise<StoredCluster> {
  await claimCertificate(dependencies, clusterId, candidate);
  return changeDocument(dependencies, clusterId, async (document) => {
    const { nodeId, name, host, heartbeatPort } = candidate;
    if (document.witness?.nodeId === nodeId) return null;
    // One on the LAN answers sooner than the control plane, and takes its place.
    if (document.witness?.kind === "agent") {
      const message = `cluster ${document.name} has a witness already, ${document.witness.name}: one is all that helps`;
      throw new Refusal("witness-taken", message, `Remove ${document.witness.name} first, ${sameToken}.`);
    }
    refuseTaken(document, candidate, [`${host}:${heartbeatPort}`]);
    const witness: Witness = { kind: "agent", nodeId, name, voting: false, host, heartbeatPort, ...certifiedBy(candidate) };
    return { witness };
  });
}
