import type { ClusterNode } from "./cluster-document.ts";
import { oncePerDocument } from "./once-per-document.ts";

/** What nodes and a witness have in common: a voice on the LAN, under an identity of its own. */
export type Member = Pick<ClusterNode, "nodeId" | "name" | "voting" | "host" | "paths" | "heartbeatPort" | "certificateSha256">;

export type MemberRole = "node" | "witness";

/** Everybody whom the document names: its nodes in ring order, and then its witness. */
export const membersOf = oncePerDocument(({ nodes, witness }): readonly Member[] => (witness === undefined ? nodes : [...nodes, witness]));
