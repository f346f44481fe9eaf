import { usFromMs } from "../time.ts";
import type { LastHeard } from "./messages.ts";
import { edit, report, type Turn } from "./turn.ts";

/**
 * Rule 9: a peer has seen a later incarnation of this node, or a later message of this one. The node has been put back in
 * time, with memory or without; it has forgotten promises and is one that has just started (rule 4).
 */
export function countAsRewound(turn: Turn, seen: LastHeard): void {
  const { state, nowUs } = turn;
  const isAhead = seen.incarnation > state.incarnation || (seen.incarnation === state.incarnation && seen.sequence > state.sequence);
  if (!isAhead) return;
  report(turn, { kind: "node.rewound", incarnation: state.incarnation, seenIncarnation: seen.incarnation });
  const incarnation = seen.incarnation + 1;
  const quietUntilUs = nowUs + usFromMs(state.settings.leaseMsMax);
  edit(turn, { incarnation, sequence: 0, requestId: 0, quietUntilUs });
  turn.effects.push({ type: "persist", record: { incarnation, epochCeilings: state.reserved } });
  turn.heartbeatDue = true;
}
