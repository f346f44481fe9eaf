import type { Word } from "./exchange-state.ts";
import { editReplica, linkOf, peersOf, replicaOf, type Turn } from "./exchange-turn.ts";
import type { VersionVector } from "./replication-status.ts";
import { entriesOf, seqIn } from "./version-vector.ts";

/**
 * A replica that lacks what has left the logs of all that are in touch with it cannot be levelled by changes any more, as a restored copy may not: what every
 * member once had is not kept for one that has lost it. Others may still come, so it waits a while before it says so.
 */
export function noticeUncovered(turn: Turn, dataSet: string): void {
  const { view, uncoveredSinceMs } = replicaOf(turn, dataSet);
  if (!view.following || !isUncovered(turn, dataSet) || canBeLevelled(wordsOf(turn, dataSet), view.vector)) {
    if (uncoveredSinceMs !== null) editReplica(turn, dataSet, { uncoveredSinceMs: null });
    return;
  }
  if (uncoveredSinceMs === null) return editReplica(turn, dataSet, { uncoveredSinceMs: turn.nowMs });
  if (turn.nowMs - uncoveredSinceMs < turn.state.settings.uncoveredPatienceMs) return;
  editReplica(turn, dataSet, { uncoveredSinceMs: null });
  const reason = `${view.path} is older than what the logs of the other nodes still hold, as a restored copy may be: move the file away, and this node takes a fresh copy`;
  turn.effects.push({ type: "refuse", dataSet, reason });
}

/** Something is lacking here that some peer has let go: what this node then says of rows may be older than what others have forgotten, so it says nothing. */
export function isUncovered(turn: Turn, dataSet: string): boolean {
  const { vector } = replicaOf(turn, dataSet).view;
  return wordsOf(turn, dataSet).some((word) => hasLetGo(word, vector));
}

function wordsOf(turn: Turn, dataSet: string): readonly Word[] {
  return peersOf(turn.state).flatMap((peer) => linkOf(turn.state, peer, dataSet).outgoing.word ?? []);
}

/** Some change that is lacking has left this peer's log. */
function hasLetGo({ pruned = {} }: Word, has: VersionVector): boolean {
  return entriesOf(pruned).some(([origin, seq]) => seq > seqIn(has, origin));
}

/** All that is lacking and that some have let go is still in the log of another. */
function canBeLevelled(words: readonly Word[], has: VersionVector): boolean {
  const gone = words.flatMap(({ pruned = {} }) => entriesOf(pruned).filter(([origin, seq]) => seq > seqIn(has, origin)));
  return gone.every(([origin, seq]) =>
    words.some(({ vector, pruned = {} }) => seqIn(vector, origin) >= seq && seqIn(pruned, origin) <= seqIn(has, origin)),
  );
}
