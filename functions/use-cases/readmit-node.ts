import type { ClusterId } from "../../shared/domain/ids.ts";
import { withCertificate } from "../../shared/domain/membership/certificates.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { type Candidate, certifiedBy, claimCertificate } from "./admit-node.ts";
import { changeDocument } from "./change-document.ts";
import { withMember } from "./name-next-certificate.ts";
import { Refusal } from "./refusal.ts";

/**
 * Gives a node, or the witness, whose certificate has expired or is lost another one; everything else of it stays as it is. The one before is nobody's
 * from here on: there is no overlap, because nobody vouches for who still has it. Idempotent for the same certificate.
 */
export async function readmitNode(dependencies: Dependencies, clusterId: ClusterId, candidate: Candidate): Promise<StoredCluster> {
  await claimCertificate(dependencies, clusterId, candidate);
  return changeDocument(dependencies, clusterId, async (document) => {
    const member = membersOf(document).find(({ nodeId }) => nodeId === candidate.nodeId);
    if (member === undefined) {
      const nextStep = "Empty its data directory, and join it as a new node.";
      throw new Refusal("not-found", `node ${candidate.nodeId} was removed from cluster ${document.name}`, nextStep);
    }
    if (member.certificateSha256 === candidate.certificateSha256) return null;
    return withMember(document, candidate.nodeId, (one) => withCertificate(one, certifiedBy(candidate)));
  });
}
