import { type Certified, fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Dependencies } from "../dependencies.ts";
import type { CertificateOwner } from "../store/cluster-store.ts";
import type { AuthenticatedNode } from "./record-events.ts";

/** The node whose certificate this is, where the newest cluster document names it so and it has not expired; else undefined. */
export async function authenticateNode(
  { stores, nowMs }: Pick<Dependencies, "stores" | "nowMs">,
  certificateSha256: string,
): Promise<AuthenticatedNode | undefined> {
  const owner = await stores.clusters.findByCertificate(certificateSha256);
  if (owner === undefined) return undefined;
  const cluster = await stores.clusters.find(owner.clusterId);
  if (cluster === undefined) return undefined;
  if (!isNamed(cluster.document, owner, certificateSha256, nowMs())) return undefined;
  return { clusterId: owner.clusterId, nodeId: owner.nodeId };
}

/** Whether the document names this certificate as the node's, and it has not expired. */
export function isNamed(document: ClusterDocument, { nodeId }: CertificateOwner, certificateSha256: string, nowMs: number): boolean {
  const member = membersOf(document).find((candidate) => candidate.nodeId === nodeId);
  if (member === undefined || !fingerprintsOf(member).includes(certificateSha256)) return false;
  return !isExpired(member, certificateSha256, nowMs);
}

/** One of which the document does not say until when it is good was made before that was asked of it. */
function isExpired({ certificateSha256, certificateTerm, nextCertificate }: Certified, shown: string, nowMs: number): boolean {
  const term = shown === certificateSha256 ? certificateTerm : nextCertificate?.term;
  return term !== undefined && Date.parse(term.until) <= nowMs;
}
