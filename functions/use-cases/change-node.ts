import type { NodeId } from "../../shared/domain/ids.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { DocumentChange } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

export interface NodeChanges {
  readonly name?: string;
  /** The address at which the others reach it; its machine must have it before they are told. */
  readonly host?: string;
  /** Its further networks; none: it has none any more. */
  readonly paths?: readonly LanPath[];
}

/** Another name or other addresses of a node, or of the witness; what is left out stays. */
export function nodeChange(nodeId: NodeId, { name, host, paths }: NodeChanges): DocumentChange {
  return async (document) => {
    if (membersOf(document).every((member) => member.nodeId !== nodeId)) {
      const nextStep = "Read the cluster again: it may have been removed.";
      throw new Refusal("not-found", `cluster ${document.name} has no node ${nodeId}`, nextStep);
    }
    const changes = { ...(name === undefined ? {} : { name }), ...(host === undefined ? {} : { host }) };
    const { witness } = document;
    if (witness?.nodeId !== nodeId) {
      const nodes = document.nodes.map((node) => {
        if (node.nodeId !== nodeId) return node;
        const { paths: before, ...rest } = node;
        const ways = paths ?? before ?? [];
        return { ...rest, ...changes, ...(ways.length === 0 ? {} : { paths: ways }) };
      });
      return { configures: true, nodes };
    }
    if (paths === undefined || paths.length === 0) return { configures: true, witness: { ...witness, ...changes } };
    throw new Refusal("invalid-request", `${witness.name} is the witness, which has one address`, "Leave out its further paths.");
  };
}
