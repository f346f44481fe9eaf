import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { termsInForce } from "../../shared/domain/licensing/licence-term.ts";
import { entitlementsOf, entryOf, namedPrimary } from "../../shared/domain/licensing/licensed-roles.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument, type DocumentChange } from "./change-document.ts";
import { readLicenceBasis } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";

/** Makes a node the primary, in a trial as with a licence; refused where a licence says who it is. No agent restarts for it, and no service moves. */
export function primaryChange(dependencies: Dependencies, nodeId: NodeId): DocumentChange {
  return async (document) => {
    const chosen = document.nodes.find((node) => node.nodeId === nodeId);
    if (chosen === undefined) throw new Refusal("not-found", `cluster ${document.name} has no node ${nodeId}`, "Read the cluster again.");
    if (chosen.role === "primary") return null;
    await refuseAgainstLicence(dependencies, document, chosen);
    return {
      nodes: document.nodes.map((node) => ({ ...node, role: node.nodeId === nodeId ? ("primary" as const) : ("secondary" as const) })),
    };
  };
}

export function choosePrimary(
  dependencies: Dependencies,
  { clusterId, nodeId }: { readonly clusterId: ClusterId; readonly nodeId: NodeId },
): Promise<StoredCluster> {
  return changeDocument(dependencies, clusterId, primaryChange(dependencies, nodeId));
}

async function refuseAgainstLicence(
  dependencies: Dependencies,
  document: ClusterDocument,
  { nodeId, name }: { readonly nodeId: NodeId; readonly name: string },
): Promise<void> {
  const { terms, nodes } = await readLicenceBasis(dependencies, document);
  const nowMs = dependencies.nowMs();
  const inForce = termsInForce(terms, nowMs);
  const named = namedPrimary(inForce, nodes);
  const chosen = nodes.find((node) => node.nodeId === nodeId);
  if (named !== null) {
    const primary = document.nodes.find((node) => node.nodeId === named.nodeId)?.name ?? named.nodeId;
    throw new Refusal(
      "licence-conflict",
      `licence ${named.licenceId} names ${primary} as the primary of cluster ${document.name}`,
      `Withdraw that licence and issue one that names ${name}, or none.`,
    );
  }
  if (chosen === undefined) return;
  const entry = entryOf(inForce, chosen.hardwareAddresses);
  if (entry?.member.role === "secondary" || !entitlementsOf(terms, chosen, nowMs).includes("provisioning_master")) {
    const why = entry === null ? "the licences of the cluster do not grant" : `licence ${entry.licenceId} does not grant`;
    throw new Refusal("licence-entitlement", `${why} ${name} to be the primary`, "Issue a licence that does, or choose another node.");
  }
}
