import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { DocumentChange } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

export interface ClusterChanges {
  readonly name?: string;
  /** All of its nodes, each once: the order in which data goes round. */
  readonly ring?: readonly NodeId[];
}

/** Another name, and the nodes in another order; what is left out stays. */
export function clusterChange({ name, ring }: ClusterChanges): DocumentChange {
  return async (document) => {
    return { configures: true, ...(name === undefined ? {} : { name }), ...(ring === undefined ? {} : { nodes: inOrder(document, ring) }) };
  };
}

function inOrder({ nodes }: ClusterDocument, ring: readonly NodeId[]): readonly ClusterNode[] {
  const ordered = ring.flatMap((nodeId) => nodes.filter((node) => node.nodeId === nodeId));
  if (ordered.length === ring.length && new Set(ordered).size === nodes.length && ring.length === nodes.length) return ordered;
  throw new Refusal(
    "invalid-request",
    "the ring's order does not name each of the cluster's nodes once",
    `Name these, in the order that they shall have: ${nodes.map(({ nodeId, name }) => `${nodeId} (${name})`).join(", ")}.`,
  );
}
