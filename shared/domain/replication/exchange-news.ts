import type { NodeId } from "../ids.ts";
import { dataSetsOf, edit, editLink, editReplica, linkOf, peersOf, replicaOf, report, type Turn } from "./exchange-turn.ts";
import { changesIn, gapTo, isClosed, madeBy } from "./gap.ts";
import type { VersionVector } from "./replication-status.ts";
import { joined } from "./version-vector.ts";

/** A stream to a peer stands again; `isFirst`: it is the only one to anybody. From nobody to somebody: the peers' first words tell what was missed. */
export function meet(turn: Turn, peer: NodeId, isFirst: boolean): void {
  if (isFirst) edit(turn, { companySinceMs: turn.nowMs });
  const { companySinceMs, settings } = turn.state;
  if (turn.nowMs - companySinceMs > settings.meetAllWithinMs) return;
  for (const dataSet of dataSetsOf(turn.state)) editLink(turn, peer, dataSet, { tellsMissed: true });
}

/** The peer's next word may tell of what it alone held. */
export function awaitWord(turn: Turn, peer: NodeId, wasLost: boolean): void {
  for (const dataSet of dataSetsOf(turn.state)) editLink(turn, peer, dataSet, { unheard: { wasLost } });
}

/** What the peer has and this node lacks, this node missed while it had nobody. */
export function hearMissed(turn: Turn, peer: NodeId, dataSet: string, theirs: VersionVector): void {
  if (!linkOf(turn.state, peer, dataSet).tellsMissed) return;
  editLink(turn, peer, dataSet, { tellsMissed: false });
  const { missed, view } = replicaOf(turn, dataSet);
  editReplica(turn, dataSet, { missed: gapTo(theirs, view.vector, missed ?? undefined) ?? null });
}

/**
 * A peer that had been away: what it made itself and this node lacks, it alone held. Whoever takes something from the peer itself tells, so at
 * least one node does. `younger`: it was started after this node.
 */
export function hearReturned(turn: Turn, peer: NodeId, dataSet: string, theirs: VersionVector, younger: boolean): void {
  const { unheard, alone } = linkOf(turn.state, peer, dataSet);
  if (unheard === null) return;
  editLink(turn, peer, dataSet, { unheard: null });
  // A peer that this node has not met before may have been here all the time, while this node was away.
  if (!unheard.wasLost && !younger) return;
  const { view } = replicaOf(turn, dataSet);
  const gap = gapTo(madeBy(peer, theirs), view.vector, alone?.gap);
  if (gap !== undefined) editLink(turn, peer, dataSet, { alone: { gap, conflictsBefore: alone?.conflictsBefore ?? view.conflicts } });
}

/** What the peer has of this node's own changes and the file here lacks, the file had once: told when it is first seen, and once until all of it is back. */
export function hearRewound(turn: Turn, peer: NodeId, dataSet: string, theirs: VersionVector): void {
  const { view, rewound } = replicaOf(turn, dataSet);
  const gap = gapTo(madeBy(turn.state.self, theirs), joined(view.vector, view.held), rewound ?? undefined);
  if (gap === undefined) return;
  editReplica(turn, dataSet, { rewound: gap });
  if (rewound === null) report(turn, { kind: "replication.rewound", dataSet, from: peer, changes: changesIn(gap) });
}

/** Tells when more conflicts wait for somebody's decision than were told of; not for each that comes, where many do. */
export function tellOfOpenConflicts(turn: Turn, dataSet: string): void {
  const { view, toldOpen } = replicaOf(turn, dataSet);
  const open = view.openConflicts;
  if (open < toldOpen.open) return editReplica(turn, dataSet, { toldOpen: { ...toldOpen, open } });
  if (open === toldOpen.open || turn.nowMs - toldOpen.atMs < turn.state.settings.tellOpenEveryMs) return;
  editReplica(turn, dataSet, { toldOpen: { open, atMs: turn.nowMs } });
  report(turn, { kind: "replication.conflicts-open", dataSet, open });
}

/** Tells of gaps that are closed; called when the replica may have got further. */
export function settleNews(turn: Turn, dataSet: string): void {
  const { view, missed, rewound } = replicaOf(turn, dataSet);
  if (!view.following) return;
  if (rewound !== null && isClosed(rewound, view.vector)) editReplica(turn, dataSet, { rewound: null });
  if (missed !== null && isClosed(missed, view.vector)) {
    editReplica(turn, dataSet, { missed: null });
    const durationMs = Math.round(turn.nowMs - turn.state.companySinceMs);
    report(turn, { kind: "replication.caught-up", dataSet, changes: changesIn(missed), durationMs });
  }
  for (const peer of peersOf(turn.state)) {
    const { alone } = linkOf(turn.state, peer, dataSet);
    if (alone === null || !isClosed(alone.gap, view.vector)) continue;
    editLink(turn, peer, dataSet, { alone: null });
    const conflicts = view.conflicts - alone.conflictsBefore;
    report(turn, { kind: "replication.merged", dataSet, from: peer, changes: changesIn(alone.gap), conflicts });
  }
}
