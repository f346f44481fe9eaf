import type { NodeId } from "../ids.ts";
import type { Certified } from "./certificates.ts";
import type { AgentWitness, ClusterDocument, ClusterNode } from "./cluster-document.ts";
import { oncePerDocument } from "./once-per-document.ts";

/** What nodes and a witness have in common: a voice on the LAN, under an identity of its own. */
export type Member = Pick<ClusterNode, "nodeId" | "name" | "voting" | "host" | "paths" | "heartbeatPort"> & Certified;

export type MemberRole = "node" | "witness";

/** Everybody whom the document names on the LAN: its nodes in ring order, and then its witness, where that is an agent. */
export const membersOf = oncePerDocument((document): readonly Member[] => {
  const witness = lanWitnessOf(document);
  return witness === null ? document.nodes : [...document.nodes, witness];
});

/** Everybody with a name in the document, for people. */
export const namedOf = oncePerDocument(({ nodes, witness }): readonly Pick<Member, "nodeId" | "name">[] =>
  witness === undefined ? nodes : [...nodes, witness],
);

/** All who vote or may come to vote, wherever they are. */
export const participantsOf = oncePerDocument(({ nodes, witness }): readonly NodeId[] => [
  ...nodes.map(({ nodeId }) => nodeId),
  ...(witness === undefined ? [] : [witness.nodeId]),
]);

export function lanWitnessOf({ witness }: ClusterDocument): AgentWitness | null {
  return witness?.kind === "agent" ? witness : null;
}

/** The id of the control plane's vote, where the cluster has it. */
export function cloudWitnessOf({ witness }: Pick<ClusterDocument, "witness">): NodeId | null {
  return witness?.kind === "cloud" ? witness.nodeId : null;
}
