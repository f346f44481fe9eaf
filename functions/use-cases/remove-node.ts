import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { DocumentChange } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/** A document without the node, or without the witness: from then on its certificate is nobody's, for the cloud and for its peers. */
export function nodeRemoval(nodeId: NodeId): DocumentChange {
  return async ({ name, nodes, groups, witness }) => {
    if (witness?.nodeId === nodeId) return { witness: null };
    if (!nodes.some((node) => node.nodeId === nodeId)) {
      throw new Refusal("not-found", `cluster ${name} has no node ${nodeId}`, "Read the cluster again: it may have been removed already.");
    }
    const rest = nodes.filter((node) => node.nodeId !== nodeId);
    if (rest.length > 0 && rest.every((node) => !node.voting)) throw lastVoter(name, rest);
    return {
      nodes: rest,
      groups: groups.map((group) => ({ ...group, order: group.order.filter((member) => member !== nodeId) })),
    };
  };
}

/** A learner cannot be given the only vote in its place: the old voter may not have heard of its removal, and hold a lease. */
function lastVoter(cluster: string, learners: readonly ClusterNode[]): Refusal {
  const names = learners.map((node) => node.name).join(", ");
  return new Refusal(
    "membership-change-pending",
    `it has the only vote of cluster ${cluster}: ${names} joined, but did not become a voter yet`,
    `Wait until ${names} is a voter, or remove ${names} first.`,
  );
}
