import type { GroupName, NodeId } from "../ids.ts";
import { fitSuccessors, isFit, orderOf } from "../priority/candidate-order.ts";
import { replicatedIn } from "../replication/data-set-rules.ts";
import { type MonotonicUs, msFromUs } from "../time.ts";
import { changesUnsent, unfollowedHere } from "./data-readiness.ts";
import { holderOf } from "./holder.ts";
import type { NodeState } from "./node-state.ts";
import { reaches } from "./reach.ts";

/** What would become of a switchover that was asked for now, and why; nothing is moved by looking. */
export interface SwitchoverOutlook {
  readonly group: GroupName;
  readonly holder: NodeId | null;
  /** What stands against a switchover to any node; null where nothing does. */
  readonly obstacle: string | null;
  /** In the group's order, preferred first. */
  readonly nodes: readonly NodeOutlook[];
}

export interface NodeOutlook {
  readonly node: NodeId;
  /** Why a switchover to this node would be refused; null where it would be begun. */
  readonly refusal: string | null;
  readonly reasonsFor: readonly string[];
  readonly reasonsAgainst: readonly string[];
}

export function switchoverOutlook(state: NodeState, group: GroupName, nowUs: MonotonicUs): SwitchoverOutlook {
  const obstacle = obstacleHere(state, group, nowUs);
  return {
    group,
    holder: holderOf(state, group, nowUs),
    obstacle,
    nodes: orderOf(state, group).map((node) => {
      const refusal = obstacle ?? switchoverRefusal(state, group, node, nowUs);
      return { node, refusal, reasonsFor: reasonsFor(state, group, node), reasonsAgainst: reasonsAgainst(state, group, node, nowUs) };
    }),
  };
}

/** Why this node, which runs the group, would not hand it to `to` now (null: to the best one there is); null where it would. */
export function switchoverRefusal(state: NodeState, group: GroupName, to: NodeId | null, nowUs: MonotonicUs): string | null {
  if (to === state.nodeId) return `${to} runs the group already`;
  const unfollowed = unfollowedHere(state);
  if (unfollowed !== null) return unfollowed;
  const successors = fitSuccessors(state, group, nowUs);
  if (to === null) return successors.length > 0 ? null : "no other node is fit to take the group now";
  if (!orderOf(state, group).includes(to)) return `${to} is not in the group's order`;
  if (successors.includes(to)) return null;
  if (isFit(state, group, to)) return `${to} is heard, but does not hear this node: it would not know that the group is its own`;
  return `${to} cannot take the group now: ${state.peers[to]?.groups[group]?.ineligible ?? "it is not heard"}`;
}

function obstacleHere(state: NodeState, group: GroupName, nowUs: MonotonicUs): string | null {
  const run = state.groups[group];
  if (run === undefined) return "there is no such group";
  if (run.state === "operational") return unfollowedHere(state);
  const holder = holderOf(state, group, nowUs);
  if (holder !== null && holder !== state.nodeId) return `the group is on ${holder}, which alone can hand it over`;
  return `this node does not run it (it is ${run.state})`;
}

function reasonsFor(state: NodeState, group: GroupName, node: NodeId): readonly string[] {
  const order = orderOf(state, group);
  const preferred = order[0] === node ? ["it is the group's preferred node"] : [];
  if (node === state.nodeId) return preferred;
  const fit = isFit(state, group, node) ? ["it is heard, and says that it could take the group"] : [];
  const hasData =
    replicatedIn(state.document).length > 0 && knowsItsData(state, node) && changesUnsent(state, state.status?.dataSets ?? [], node) === 0;
  return [...preferred, ...fit, ...(hasData ? ["it has every change"] : [])];
}

function reasonsAgainst(state: NodeState, group: GroupName, node: NodeId, nowUs: MonotonicUs): readonly string[] {
  const holds = holderOf(state, group, nowUs) === node ? ["it runs the group already"] : [];
  if (node === state.nodeId) return holds;
  const peer = state.peers[node];
  if (peer === undefined || peer.heardAtUs === null) return ["it was never heard since this agent started"];
  const silent = peer.silent ? [`it has not been heard for ${Math.round(msFromUs(nowUs - peer.heardAtUs))} ms`] : [];
  const told = peer.groups[group];
  const unfit = told === undefined ? ["it has not told its state yet"] : told.ineligible === null ? [] : [told.ineligible];
  const deaf = peer.silent || reaches(state, node, nowUs) ? [] : ["it does not hear this node"];
  return [...holds, ...silent, ...deaf, ...unfit, ...missingData(state, node), ...documentLag(state, peer.documentVersion)];
}

/** None of these refuses a switchover: the successor receives what it lacks before it starts. */
function missingData(state: NodeState, node: NodeId): readonly string[] {
  if (replicatedIn(state.document).length === 0) return [];
  if (!knowsItsData(state, node)) return ["what it has of the data is not known"];
  const unsent = changesUnsent(state, state.status?.dataSets ?? [], node);
  return unsent === 0 ? [] : [`it lacks ${unsent} changes, and would receive them before it starts`];
}

function knowsItsData({ peers, document }: NodeState, node: NodeId): boolean {
  const told = peers[node]?.status?.dataSets ?? [];
  return replicatedIn(document).every(({ name }) => told.some((dataSet) => dataSet.name === name));
}

function documentLag({ document }: NodeState, version: number): readonly string[] {
  return version >= document.version ? [] : [`it acts on cluster document ${version}, and not yet on ${document.version}`];
}
