import type { NodeState } from "../failover/node-state.ts";
import { reaches } from "../failover/reach.ts";
import type { GroupName, NodeId } from "../ids.ts";
import type { MonotonicUs } from "../time.ts";

/** The group's nodes, preferred first; empty where the document no longer names the group. */
export function orderOf(state: NodeState, group: GroupName): readonly NodeId[] {
  return state.document.groups.find((candidate) => candidate.name === group)?.order ?? [];
}

/** Whether another node says that it could take the group, and is heard. */
export function isFit(state: NodeState, group: GroupName, node: NodeId): boolean {
  const peer = state.peers[node];
  const told = peer?.groups[group];
  return peer !== undefined && !peer.silent && told !== undefined && told.ineligible === null;
}

/** The other nodes that could take the group, preferred first. */
export function fitOthers(state: NodeState, group: GroupName): readonly NodeId[] {
  return orderOf(state, group).filter((node) => node !== state.nodeId && isFit(state, group, node));
}

/** Those of them that hear this node as well: the others would not hear that the group is theirs, nor get the last changes. */
export function fitSuccessors(state: NodeState, group: GroupName, nowUs: MonotonicUs): readonly NodeId[] {
  return fitOthers(state, group).filter((node) => reaches(state, node, nowUs));
}

/** How many eligible nodes come before this one, the given one aside: that many rank delays it waits before it asks (rule 5). */
export function rankOf(state: NodeState, group: GroupName, notCounted: NodeId | null = null): number {
  const order = orderOf(state, group);
  const place = order.indexOf(state.nodeId);
  return order.slice(0, Math.max(place, 0)).filter((node) => node !== notCounted && isFit(state, group, node)).length;
}
