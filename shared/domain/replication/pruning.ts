import type { NodeId } from "../ids.ts";
import { isClockKnown } from "./clock-state.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import { dataSetsOf, editReplica, membersOf, replicaOf, type Turn } from "./exchange-turn.ts";
import { spareable } from "./log-limits.ts";
import { covers, joined, seqIn, stablePart } from "./version-vector.ts";

/**
 * Own writes are sealed now and then, so that the others need not keep them for ever: once the application pauses, or where many have gathered, since each
 * time the file is locked for a moment. What is applied seals them too.
 */
export function sealWhatIsNew(turn: Turn): void {
  // Whatever the agent writes fixes the times of what was written before it.
  if (!isClockKnown(turn.state.clocks)) return;
  const { sealEveryMs, sealAfterChanges } = turn.state.settings;
  for (const dataSet of dataSetsOf(turn.state)) {
    const { view, sealedAtMs, grewAtMs } = replicaOf(turn, dataSet);
    if (!view.following || view.origin === null || turn.nowMs - sealedAtMs < sealEveryMs) continue;
    const unsealed = seqIn(view.vector, view.origin) - view.sealed;
    if (unsealed <= 0 || (unsealed < sealAfterChanges && turn.nowMs - grewAtMs < sealEveryMs)) continue;
    editReplica(turn, dataSet, { sealedAtMs: turn.nowMs });
    turn.effects.push({ type: "seal", dataSet });
  }
}

/**
 * Lets log entries go that every member has: now and then, and only where more has become stable since the last time. Where some member lacks what may be let go
 * without it, the log may be beyond its limits.
 */
export function pruneWhatIsStable(turn: Turn): void {
  const { pruneEveryMs, removalPatienceMs } = turn.state.settings;
  if (!isClockKnown(turn.state.clocks) || turn.nowMs - turn.state.removedAtMs < removalPatienceMs) return;
  for (const dataSet of dataSetsOf(turn.state)) {
    const { view, known, prunedAtMs, prunedTo } = replicaOf(turn, dataSet);
    if (!view.following || turn.nowMs - prunedAtMs < pruneEveryMs) continue;
    editReplica(turn, dataSet, { prunedAtMs: turn.nowMs });
    const members = membersOf(turn.state);
    const has = (member: NodeId) => known[member] ?? {};
    const stable = stablePart(view.vector, members.map(has));
    if (!covers(prunedTo, stable)) turn.effects.push({ type: "prune", dataSet, stable });
    const own = view.origin === null ? {} : { [view.origin]: view.sealed };
    const spare = spareable(turn.state, { has: view.vector, kept: { ...view.durable, ...own } }, known);
    if (covers(joined(stable, view.pruned), spare)) continue;
    const lacking = members.filter((member) => !covers(has(member), spare));
    turn.effects.push({ type: "let-go", dataSet, spare, lacking });
  }
}

/** A full round may have left some behind: then the next one goes on. */
export function takePruned(turn: Turn, { dataSet, stable, entries }: Extract<ExchangeEvent, { type: "pruned" }>): void {
  if (entries === 0) editReplica(turn, dataSet, { prunedTo: stable });
}
