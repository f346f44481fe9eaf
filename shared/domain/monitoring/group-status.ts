import { holdingStates } from "../failover/group-states.ts";
import type { GroupName, NodeId } from "../ids.ts";
import type { PriorityGroup } from "../membership/cluster-document.ts";
import { isAlive, type NodeStatus } from "./node-status.ts";
import type { Observation } from "./observation.ts";

export interface GroupStatus {
  readonly name: GroupName;
  /** The node that is operational now. Null where none is known to be. */
  readonly holder: NodeId | null;
  /** The living node that holds the lease without the resources running yet, or any more: seconds at most. */
  readonly moving: { readonly node: NodeId; readonly state: string } | null;
  /** True where nobody can tell, and `holder` is only the last one known. */
  readonly stale: boolean;
  readonly epoch: number;
  /** When the holder took it, ISO 8601 UTC; null where the events do not go back so far. */
  readonly since: string | null;
  readonly order: readonly GroupMember[];
}

/** `standby` may take over at once; `ineligible` is alive but must not. */
export interface GroupMember {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly standing: "operational" | "standby" | "ineligible" | "away";
  /** Why it is ineligible or away; empty for the others. */
  readonly reason: string;
}

/**
 * A node that was killed never takes its last report back: so only living nodes are believed, and of those the one with
 * the highest epoch.
 */
export function groupStatus(observation: Observation, group: PriorityGroup, nodes: readonly NodeStatus[]): GroupStatus {
  const siteUnknown = nodes.length > 0 && nodes.every((node) => node.condition === "unknown");
  const believed = siteUnknown ? nodes : nodes.filter(isAlive);
  const words = believed
    .flatMap((node) => (node.report?.groups ?? []).filter((word) => word.name === group.name).map((word) => ({ node, word })))
    .toSorted((a, b) => b.word.epoch - a.word.epoch);
  const claim = words.find(({ word }) => word.state === "operational");
  const holder = claim?.node.nodeId ?? null;
  const mover = claim === undefined ? words.find(({ word }) => holdingStates.has(word.state)) : undefined;
  return {
    name: group.name,
    holder,
    moving: mover === undefined || siteUnknown ? null : { node: mover.node.nodeId, state: mover.word.state },
    stale: siteUnknown,
    epoch: claim?.word.epoch ?? words[0]?.word.epoch ?? 0,
    since: sinceOf(observation, group.name, holder),
    order: group.order.map((nodeId) => member(group.name, nodeId, holder, nodes)),
  };
}

function member(group: GroupName, nodeId: NodeId, holder: NodeId | null, nodes: readonly NodeStatus[]): GroupMember {
  const node = nodes.find((candidate) => candidate.nodeId === nodeId);
  if (node === undefined) return { nodeId, name: nodeId, standing: "away", reason: "not in the cluster" };
  const named = { nodeId, name: node.name };
  if (nodeId === holder) return { ...named, standing: "operational", reason: "" };
  if (!isAlive(node)) return { ...named, standing: "away", reason: node.reason };
  const word = node.report?.groups.find((candidate) => candidate.name === group);
  if (word === undefined) return { ...named, standing: "ineligible", reason: "has not reported on this group yet" };
  return word.ineligible === undefined
    ? { ...named, standing: "standby", reason: "" }
    : { ...named, standing: "ineligible", reason: word.ineligible };
}

/** The newest change of holder tells it, where it was to this holder. Not by the epoch: that grows while a holder stays. */
function sinceOf(observation: Observation, group: GroupName, holder: NodeId | null): string | null {
  const taken = observation.events.find(
    ({ detail }) => (detail.kind === "group.takeover" || detail.kind === "group.handover") && detail.group === group,
  );
  return taken !== undefined && taken.reporter === holder ? taken.at : null;
}
