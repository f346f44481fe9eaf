import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { admitNode } from "../../shared/domain/licensing/admission.ts";
import { entitlementsOf } from "../../shared/domain/licensing/licensed-roles.ts";
import { describeJoinToken } from "../../shared/domain/membership/describe-join-token.ts";
import type { ConsequencesBody } from "../../shared/protocol/api-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { type JoinTokenRequest, tokenTarget } from "./create-join-token.ts";
import { listJoinTokens, tokenToWithdraw } from "./join-tokens.ts";
import { readLicenceBasis } from "./read-licences.ts";

/** Refuses what `createJoinToken` would refuse, makes none, and says what would become of who joins with it. */
export async function previewJoinToken(
  dependencies: Dependencies,
  clusterId: ClusterId,
  request: JoinTokenRequest,
): Promise<ConsequencesBody> {
  const document = await tokenTarget(dependencies, clusterId, request);
  const nowMs = dependencies.nowMs();
  const [{ terms, used }, open] = await Promise.all([readLicenceBasis(dependencies, document), listJoinTokens(dependencies, clusterId)]);
  const { lifetimeSeconds, ...what } = request;
  const expiresAt = new Date(nowMs + lifetimeSeconds * 1_000).toISOString();
  const newcomer = { nodeId: "" as NodeId, role: "secondary" as const, hardwareAddresses: [] };
  const consequences = describeJoinToken(
    document,
    { ...what, expiresAt },
    {
      admission: admitNode(terms, used, document.name, nowMs),
      serves: entitlementsOf(terms, newcomer, nowMs).includes("active_cluster_member"),
      nodesMax: limits.nodesPerClusterMax,
      openTokens: open.length,
    },
  );
  return { consequences: [...consequences] };
}

/** Refuses what `withdrawJoinToken` would refuse, and withdraws nothing. */
export async function previewTokenWithdrawal(dependencies: Dependencies, clusterId: ClusterId, tokenId: string): Promise<ConsequencesBody> {
  const { expiresAt } = await tokenToWithdraw(dependencies, clusterId, tokenId);
  return { consequences: [`nobody can join with the token any more, which would have been good until ${expiresAt}; who has joined stays`] };
}
