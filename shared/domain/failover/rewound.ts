import { usFromMs } from "../time.ts";
import type { Seen } from "./messages.ts";
import { edit, entries, report, type Turn } from "./turn.ts";

/**
 * Rule 9: a peer has seen a later incarnation of this node, or a later message of this one. The node has been put back in
 * time, with memory or without; it has forgotten promises and is one that has just started (rule 4).
 */
export function believePeer(turn: Turn, seen: Seen | null): void {
  const { incarnation, sequence } = turn.state;
  if (seen === null) return;
  if (seen.incarnation > incarnation || (seen.incarnation === incarnation && seen.sequence > sequence))
    countAsRewound(turn, seen.incarnation);
}

/** More numbers than any cluster uses up in the time that a restored snapshot may be old: whatever was forgotten lies below (S4). */
export const epochLeap = 1_000_000;

/** However it was learnt: the node starts anew, under an incarnation above every one that was seen. */
export function countAsRewound(turn: Turn, seenIncarnation: number): void {
  const { state, nowUs } = turn;
  report(turn, { kind: "node.rewound", incarnation: state.incarnation, seenIncarnation });
  const incarnation = Math.max(state.incarnation, seenIncarnation) + 1;
  const ahead = entries(state.groups).map(([name, run]) => [name, { ...run, epochSeen: run.epochSeen + epochLeap }] as const);
  const quietUntilUs = nowUs + usFromMs(state.settings.leaseMsMax);
  edit(turn, { incarnation, sequence: 0, requestId: 0, quietUntilUs, groups: Object.fromEntries(ahead) });
  const record = { incarnation, epochCeilings: state.reserved, longPromises: state.recordedLong, soles: state.soles };
  turn.effects.push({ type: "persist", record });
  turn.heartbeatDue = true;
}
