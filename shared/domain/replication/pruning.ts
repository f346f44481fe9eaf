import type { ExchangeEvent } from "./exchange-events.ts";
import { dataSetsOf, editReplica, membersOf, replicaOf, type Turn } from "./exchange-turn.ts";
import { covers, stablePart } from "./version-vector.ts";

/** Lets log entries go that every member has: now and then, and only where more has become stable since the last time. */
export function pruneWhatIsStable(turn: Turn): void {
  const { pruneEveryMs } = turn.state.settings;
  for (const dataSet of dataSetsOf(turn.state)) {
    const { view, known, prunedAtMs, prunedTo } = replicaOf(turn, dataSet);
    if (!view.following || turn.nowMs - prunedAtMs < pruneEveryMs) continue;
    editReplica(turn, dataSet, { prunedAtMs: turn.nowMs });
    const members = membersOf(turn.state).map((member) => known[member] ?? {});
    const stable = stablePart(view.vector, members);
    if (!covers(prunedTo, stable)) turn.effects.push({ type: "prune", dataSet, stable });
  }
}

/** A full round may have left some behind: then the next one goes on. */
export function takePruned(turn: Turn, { dataSet, stable, entries }: Extract<ExchangeEvent, { type: "pruned" }>): void {
  if (entries === 0) editReplica(turn, dataSet, { prunedTo: stable });
}
