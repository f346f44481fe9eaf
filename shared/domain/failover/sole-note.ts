import type { GroupName, NodeId } from "../ids.ts";
import { majorityOf, votersOf } from "../membership/quorum.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import type { Sole } from "./durable-record.ts";
import type { NodeState } from "./node-state.ts";

/*
 * Who may go on alone, of two nodes without a third voter (whenAlone): a note that both keep on disk. The node that it names needs no
 * vote but its own; the other one grants to nobody else and asks for nothing.
 */

const nobody: Sole = { number: 0, node: null };

export function soleOf({ soles }: NodeState, group: GroupName): Sole {
  return soles[group] ?? nobody;
}

/** What a peer is told: only what is on this node's disk. */
export function toldSole({ solesStored }: NodeState, group: GroupName): Sole {
  return solesStored[group] ?? nobody;
}

export function isSoleStored(state: NodeState, group: GroupName): boolean {
  const [told, own] = [toldSole(state, group), soleOf(state, group)];
  return told.number === own.number && told.node === own.node;
}

/** Whether this node needs no vote but its own: both have agreed, and it is on the disks of both. */
export function mayGoOnAlone(state: NodeState, group: GroupName): boolean {
  if (whenAloneOf(state.document) === "stop" || soleOf(state, group).node !== state.nodeId) return false;
  return isSoleStored(state, group);
}

/** The other node, where this one has agreed that it may go on alone. */
export function boundTo(state: NodeState, group: GroupName): NodeId | null {
  const { node } = soleOf(state, group);
  return node === state.nodeId ? null : node;
}

/** Votes that this node needs for the group. */
export function votesNeeded(state: NodeState, group: GroupName): number {
  return mayGoOnAlone(state, group) ? 1 : majorityOf(votersOf(state.document).length);
}
