import type { NodeId } from "../ids.ts";
import { editReplica, isOpen, replicaOf, report, type Turn } from "./exchange-turn.ts";

/** Again below this part of the bound, it is told that what is shown is fresh. */
const freshPart = 0.5;

/** Tells when what this node shows of another one that runs is older than it may be, and when it is not any more. Of a node that is away nobody knows what it writes. */
export function tellOfAges(turn: Turn, dataSet: string): void {
  const { ageMsMax } = turn.state.settings;
  const { view, shownAsOf } = replicaOf(turn, dataSet);
  if (!view.following) return;
  for (const [origin, atMs] of Object.entries(shownAsOf) as [NodeId, number][]) {
    const ageMs = Math.round(turn.nowMs - atMs);
    const sinceMs = replicaOf(turn, dataSet).stale[origin];
    if (sinceMs === undefined && ageMs > ageMsMax && isThere(turn, origin)) {
      editReplica(turn, dataSet, { stale: { ...replicaOf(turn, dataSet).stale, [origin]: turn.nowMs } });
      report(turn, { kind: "replication.stale", dataSet, origin, ageMs, limitMs: ageMsMax });
    } else if (sinceMs !== undefined && (ageMs < ageMsMax * freshPart || !turn.state.order.includes(origin))) {
      const { [origin]: _over, ...stale } = replicaOf(turn, dataSet).stale;
      editReplica(turn, dataSet, { stale });
      report(turn, { kind: "replication.fresh", dataSet, origin, staleMs: Math.round(turn.nowMs - sinceMs) });
    }
  }
}

function isThere({ state }: Turn, node: NodeId): boolean {
  return state.order.includes(node) && (state.heard === null ? isOpen(state, node) : state.heard[node] !== undefined);
}
