import type { GroupName, NodeId } from "../ids.ts";
import type { MonotonicUs } from "../time.ts";
import type { NodeState } from "./node-state.ts";
import { isAway } from "./reach.ts";
import { entries } from "./turn.ts";

const running: ReadonlySet<string> = new Set(["operational", "handing-over"]);

/** The node that runs the group, as far as is known here: this one, or a peer that is heard and says so. */
export function holderOf(state: NodeState, group: GroupName, nowUs: MonotonicUs): NodeId | null {
  const own = state.groups[group];
  if (own !== undefined && running.has(own.state)) return state.nodeId;
  let best: { readonly node: NodeId; readonly epoch: number } | null = null;
  for (const [node, peer] of entries(state.peers)) {
    const told = peer.groups[group];
    const isQuiet = peer.silent && !isAway(peer, nowUs);
    if (isQuiet || peer.heardAtUs === null || peer.heardAtUs > nowUs || told === undefined || !running.has(told.state)) continue;
    if (best === null || told.epoch > best.epoch) best = { node, epoch: told.epoch };
  }
  return best?.node ?? null;
}
