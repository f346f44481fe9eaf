import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type MemberRole, membersOf } from "../../shared/domain/membership/members.ts";
import { encodeJoinToken } from "../../shared/protocol/join-token.ts";
import type { Dependencies } from "../dependencies.ts";
import { secretHash } from "../store/table-keys.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { randomSecret } from "./random-id.ts";
import { Refusal } from "./refusal.ts";

export interface JoinTokenRequest {
  readonly role: MemberRole;
  readonly lifetimeSeconds: number;
  readonly nodeId?: NodeId;
}

/** A token enrols one node, or the witness, once, in the next minutes; or gives `nodeId` another certificate. The secret is told here and kept nowhere: the store gets its hash. */
export async function createJoinToken(
  dependencies: Dependencies,
  clusterId: ClusterId,
  request: JoinTokenRequest,
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const { customerId } = await tokenTarget(dependencies, clusterId, request);
  const { stores, endpoints, nowMs } = dependencies;
  const secret = randomSecret();
  const expiresAt = new Date(nowMs() + request.lifetimeSeconds * 1_000).toISOString();
  const { lifetimeSeconds: _, ...what } = request;
  await audited(dependencies, { action: "join-token.created", customerId, subject: clusterId, after: { ...what, expiresAt } }, () =>
    stores.tokens.add({ secretSha256: secretHash(secret), clusterId, ...what, expiresAt }),
  );
  const pin = endpoints.apiCaSha256 === undefined ? {} : { apiCaSha256: endpoints.apiCaSha256 };
  return { token: encodeJoinToken({ apiUrl: endpoints.apiUrl, secret, clusterId, ...pin }), expiresAt };
}

/** The cluster as it is; refuses a request that makes no sense there. */
export async function tokenTarget(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { nodeId }: JoinTokenRequest,
): Promise<ClusterDocument> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  if (nodeId !== undefined) refuseStranger(document, nodeId);
  return document;
}

function refuseStranger(document: ClusterDocument, nodeId: NodeId): void {
  if (membersOf(document).some((member) => member.nodeId === nodeId)) return;
  throw new Refusal(
    "not-found",
    `cluster ${document.name} has no node ${nodeId}`,
    "A server that was removed joins as a new node: leave nodeId out.",
  );
}
