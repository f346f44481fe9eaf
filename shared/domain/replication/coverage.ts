import type { NodeId } from "../ids.ts";
import type { Word } from "./exchange-state.ts";
import { editReplica, linkOf, peersOf, replicaOf, type Turn } from "./exchange-turn.ts";
import type { VersionVector } from "./replication-status.ts";
import { covers, entriesOf, joined, seqIn } from "./version-vector.ts";

/**
 * A replica that lacks what has left the logs of all that are in touch with it cannot be levelled by changes any more. Others may still come, so it waits a
 * while. Then it takes a fresh copy by itself where it was away for longer than the logs are kept. Where it lacks what every member once had, it had that itself:
 * it is an older copy of its file, of which nobody can tell what in it is new, and somebody has to come.
 */
export function noticeUncovered(turn: Turn, dataSet: string): void {
  const { view, uncoveredSinceMs } = replicaOf(turn, dataSet);
  const words = wordsOf(turn, dataSet);
  if (!view.following || canBeLevelled(words, view.vector)) {
    if (uncoveredSinceMs !== null) editReplica(turn, dataSet, { uncoveredSinceMs: null });
    return;
  }
  if (uncoveredSinceMs === null) return editReplica(turn, dataSet, { uncoveredSinceMs: turn.nowMs });
  if (turn.nowMs - uncoveredSinceMs < turn.state.settings.uncoveredPatienceMs) return;
  editReplica(turn, dataSet, { uncoveredSinceMs: null });
  if (!hasGoneBack(words, view.vector)) {
    turn.effects.push({ type: "resync", dataSet, donors: donorsFor(turn, dataSet) });
    return;
  }
  const reason = `${view.path} is older than what the logs of the other nodes still hold, as a restored copy may be: move the file away, and this node takes a fresh copy`;
  turn.effects.push({ type: "refuse", dataSet, reason });
}

/**
 * Something is lacking here that every member once had: what this node then says of rows may be older than what others have forgotten, so it says nothing. What was let go
 * although a member lacked it is another matter: the others know the rows that it was about still.
 */
export function isSilent(turn: Turn, dataSet: string): boolean {
  return hasGoneBack(wordsOf(turn, dataSet), replicaOf(turn, dataSet).view.vector);
}

/**
 * Whose copy takes this replica on and nothing away: it has all that this file has let go itself, so what it lacks of this file stands in the log here and is
 * carried over; and all that the others have let go. Of two nodes one always has what the other let go (`spareable` in log-limits.ts), so one that was away finds
 * somebody, unless those are away now.
 */
function donorsFor(turn: Turn, dataSet: string): readonly NodeId[] {
  const { view } = replicaOf(turn, dataSet);
  const needed = wordsOf(turn, dataSet).reduce((all, { pruned = {} }) => joined(all, pruned), view.pruned);
  return peersOf(turn.state).filter((peer) => {
    const { word } = linkOf(turn.state, peer, dataSet).outgoing;
    return word !== null && !word.holding && word.lineage === view.lineage && covers(word.vector, needed);
  });
}

function wordsOf(turn: Turn, dataSet: string): readonly Word[] {
  return peersOf(turn.state).flatMap((peer) => linkOf(turn.state, peer, dataSet).outgoing.word ?? []);
}

function hasGoneBack(words: readonly Word[], has: VersionVector): boolean {
  return words.some(({ pruned = {}, settled = pruned }) => !covers(has, settled));
}

/** All that is lacking and that some have let go is still in the log of another. */
function canBeLevelled(words: readonly Word[], has: VersionVector): boolean {
  const gone = words.flatMap(({ pruned = {} }) => entriesOf(pruned).filter(([origin, seq]) => seq > seqIn(has, origin)));
  return gone.every(([origin, seq]) =>
    words.some(({ vector, pruned = {} }) => seqIn(vector, origin) >= seq && seqIn(pruned, origin) <= seqIn(has, origin)),
  );
}
