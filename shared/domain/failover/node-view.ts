import type { NodeId } from "../ids.ts";
import { type MonotonicUs, msFromUs } from "../time.ts";
import type { GroupState } from "./messages.ts";
import type { NodeState } from "./node-state.ts";
import { groupStatesOf } from "./outbound.ts";
import { entries } from "./turn.ts";

/** What a node believes, for people: never for a decision about leases. */
export interface NodeView {
  readonly groups: readonly (GroupState & { readonly reason: string; readonly leaseRemainingMs: number | null })[];
  readonly peers: readonly { readonly nodeId: NodeId; readonly reachable: boolean; readonly lastHeardMs: number | null }[];
}

export function viewOf(state: NodeState, nowUs: MonotonicUs): NodeView {
  return {
    groups: groupStatesOf(state, nowUs).map((told) => {
      const run = state.groups[told.group];
      const endUs = run?.leaseEndUs ?? 0;
      return { ...told, reason: run?.reason ?? "", leaseRemainingMs: endUs <= nowUs ? null : msFromUs(endUs - nowUs) };
    }),
    peers: entries(state.peers).map(([nodeId, peer]) => ({
      nodeId,
      reachable: !peer.silent,
      lastHeardMs: peer.heardAtUs === null ? null : Math.round(msFromUs(nowUs - peer.heardAtUs)),
    })),
  };
}
