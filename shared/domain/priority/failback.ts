import type { GroupRun, NodeState } from "../failover/node-state.ts";
import { reaches } from "../failover/reach.ts";
import type { NodeId } from "../ids.ts";
import { type MonotonicUs, usFromMs } from "../time.ts";
import { isFit, orderOf } from "./candidate-order.ts";
import { isFlapping } from "./flap-guard.ts";

/** The first node before this one in the group's order that could take the group; null where this one is the best. */
export function preferredOver(state: NodeState, run: GroupRun, nowUs: MonotonicUs): NodeId | null {
  const order = orderOf(state, run.name);
  const better = order.slice(0, Math.max(order.indexOf(state.nodeId), 0));
  return better.find((node) => isFit(state, run.name, node) && reaches(state, node, nowUs)) ?? null;
}

/**
 * The preferred node, once it has been fit without a break for as long as the group's failback asks, doubled with every failback
 * of this tenure that had to be given up: each has stopped the service for nothing. Null: stay.
 */
export function failbackTarget(state: NodeState, run: GroupRun, nowUs: MonotonicUs): NodeId | null {
  const group = state.document.groups.find((candidate) => candidate.name === run.name);
  if (group?.failback.mode !== "automatic" || run.preferred === null || isFlapping(state, run, nowUs)) return null;
  const { stableForMs } = group.failback;
  const waitMs = Math.min(stableForMs * 2 ** Math.min(run.failbacksGivenUp, 30), Math.max(stableForMs, state.settings.failbackWaitMsMax));
  return nowUs - run.preferred.sinceUs >= usFromMs(waitMs) ? run.preferred.node : null;
}
