import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Stores } from "../store/stores.ts";
import type { AuthenticatedNode } from "./record-events.ts";

/** The node whose certificate this is, where the newest cluster document names it so; else undefined. */
export async function authenticateNode({ clusters }: Stores, certificateSha256: string): Promise<AuthenticatedNode | undefined> {
  const owner = await clusters.findByCertificate(certificateSha256);
  if (owner === undefined) return undefined;
  const cluster = await clusters.find(owner.clusterId);
  if (cluster === undefined) return undefined;
  const member = membersOf(cluster.document).find((one) => one.nodeId === owner.nodeId);
  return member?.certificateSha256 === certificateSha256 ? { clusterId: owner.clusterId, nodeId: owner.nodeId } : undefined;
}
