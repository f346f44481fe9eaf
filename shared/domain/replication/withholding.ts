import type { NodeId } from "../ids.ts";
import type { ExchangeState, ReplicaState } from "./exchange-state.ts";
import { dataSetsOf, editLink, editReplica, linkOf, noteStatus, peersOf, replicaOf, type Turn } from "./exchange-turn.ts";
import { madeBy } from "./gap.ts";
import { nodeOf } from "./origin.ts";
import { startedAnew } from "./outgoing.ts";
import type { VersionVector } from "./replication-status.ts";
import { covers, entriesOf, joined, missingFrom, seqIn } from "./version-vector.ts";

/** Whether this node's own clock is not to be trusted: a majority says so, or nobody can say whose is right. */
export function isClockDoubted({ self, clocks }: ExchangeState): boolean {
  return clocks.suspects[self] !== undefined || clocks.dispute !== null;
}

/** Where the clock is in doubt, and its data set says so, this node's own writes wait here. Whatever others wrote goes on. */
export function withholdWhereDoubted(turn: Turn): void {
  for (const dataSet of dataSetsOf(turn.state)) {
    const { view, withheldAfter, hasBeenRead } = replicaOf(turn, dataSet);
    const doubted = isClockDoubted(turn.state) && !turn.state.clocks.released && view.whenSkewed === "inhibit";
    if (doubted === (withheldAfter !== null)) continue;
    // What was seen up to now may be under way; before the first reading nothing is.
    if (doubted) editReplica(turn, dataSet, { withheldAfter: hasBeenRead ? madeBy(turn.state.self, view.vector) : {} });
    else release(turn, dataSet);
    noteStatus(turn);
  }
}

function release(turn: Turn, dataSet: string): void {
  editReplica(turn, dataSet, { withheldAfter: null });
  for (const peer of peersOf(turn.state)) {
    const { outgoing } = linkOf(turn.state, peer, dataSet);
    // The log was read past what waited.
    editLink(turn, peer, dataSet, { outgoing: startedAnew(outgoing, replicaOf(turn, dataSet).view.opening) });
  }
}

/** How far this node's own writes may be given away: all of them (null), or what others have already. */
export function givenUpTo(state: ExchangeState, { withheldAfter, announced }: ReplicaState): VersionVector | null {
  if (withheldAfter === null) return null;
  return Object.values(announced).reduce((sum, vector) => joined(sum, madeBy(state.self, vector)), withheldAfter);
}

/** Own writes that wait. */
export function withheldChanges(state: ExchangeState, replica: ReplicaState): number {
  const upTo = givenUpTo(state, replica);
  return upTo === null ? 0 : missingFrom(upTo, madeBy(state.self, replica.view.vector));
}

/** What can be had of a node that has so much and gives of its own no more than `upTo`. */
export function givenOf(node: NodeId, vector: VersionVector, upTo: VersionVector | null | undefined): VersionVector {
  if (upTo === null || upTo === undefined) return vector;
  return Object.fromEntries(
    entriesOf(vector).map(([origin, seq]) => [origin, nodeOf(origin) === node ? Math.min(seq, seqIn(upTo, origin)) : seq]),
  );
}

/** What a node has to give of a data set: others are to have no more of it, and it is to have no more of them. */
export interface GivenStanding {
  readonly withheld: number;
  readonly vector: VersionVector;
  /** Changes that this node lacks and others keep back. */
  readonly keptElsewhere: number;
}

/** Null where the data set is none of this node's. */
export function givenStanding(state: ExchangeState, dataSet: string): GivenStanding | null {
  const replica = state.replicas[dataSet];
  if (replica === undefined) return null;
  const { vector } = replica.view;
  const announced = Object.entries(replica.announced) as [NodeId, VersionVector][];
  const had = announced.reduce<VersionVector>((sum, [, has]) => joined(sum, has), {});
  const offered = announced.reduce<VersionVector>((sum, [peer]) => joined(sum, offeredBy(state, peer, dataSet)), {});
  return {
    withheld: withheldChanges(state, replica),
    vector: givenOf(state.self, vector, givenUpTo(state, replica)),
    keptElsewhere: missingFrom(vector, had) - missingFrom(vector, offered),
  };
}

/** What can be had of a peer, by all that it and others said of it. */
export function offeredBy(state: ExchangeState, peer: NodeId, dataSet: string): VersionVector {
  return givenOf(peer, state.replicas[dataSet]?.announced[peer] ?? {}, linkOf(state, peer, dataSet).outgoing.word?.withheldAfter);
}

/** Neither side lacks anything that it may have of the other. */
export function isLevelWith(state: ExchangeState, peer: NodeId, dataSet: string): boolean {
  const replica = state.replicas[dataSet];
  const { word } = linkOf(state, peer, dataSet).outgoing;
  if (replica === undefined || word === null) return false;
  const { vector } = replica.view;
  const own = givenOf(state.self, vector, givenUpTo(state, replica));
  return covers(word.vector, own) && covers(vector, givenOf(peer, word.vector, word.withheldAfter));
}
