import { type Certified, fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Dependencies } from "../dependencies.ts";
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
  const member = membersOf(cluster.document).find((candidate) => candidate.nodeId === owner.nodeId);
  if (member === undefined || !fingerprintsOf(member).includes(certificateSha256)) return undefined;
  return isExpired(member, certificateSha256, nowMs()) ? undefined : { clusterId: owner.clusterId, nodeId: owner.nodeId };
}

/** One of which the document does not say until when it is good was made before that was asked of it. */
function isExpired({ certificateSha256, certificateTerm, nextCertificate }: Certified, shown: string, nowMs: number): boolean {
  const term = shown === certificateSha256 ? certificateTerm : nextCertificate?.term;
  return term !== undefined && Date.parse(term.until) <= nowMs;
}
