import type { GroupName, NodeId } from "../ids.ts";
import { votersOf } from "../membership/quorum.ts";
import type { MonotonicUs } from "../time.ts";
import { resourceStates } from "./group-states.ts";
import { isBinding, leaseEndUs, longVotesNeeded, promisesOf } from "./lease.ts";
import type { ReleasedLease } from "./messages.ts";
import type { GroupRun, NodeState, Round } from "./node-state.ts";
import { send, sendRequest } from "./outbound.ts";
import { mayGoOnAlone, votesNeeded } from "./sole-note.ts";
import { edit, editGroup, groupOf, leaseUsOf, nextEnvelope, otherNodeVotersOf, peersOf, type Turn } from "./turn.ts";
import { judge } from "./voter.ts";
import { freeWitness, witnessForHolder } from "./witness.ts";

/** Answers later than this many rounds are of no use: their lease has nearly run out. */
const roundsKeptMax = 16;

/**
 * Asks voters for the lease, this node's own vote first and by the same rules as any other (rule 8). False where its
 * own vote is not to be had: then nobody else is asked. `to`: the voters that have not answered yet, or all.
 */
export function askVoters(turn: Turn, name: GroupName, to: readonly NodeId[]): boolean {
  const { state, nowUs } = turn;
  const run = groupOf(turn, name);
  const requestId = state.requestId + 1;
  const leaseUs = leaseUsOf(state);
  const { nodeId: from, incarnation, document } = state;
  const own = { from, incarnation, documentVersion: document.version, group: name, epoch: run.ballot, leaseUs, requestId };
  const verdict = judge(state, own, nowUs);
  if (verdict === null || !verdict.granted) return false;
  edit(turn, { requestId, grants: { ...state.grants, [name]: verdict.grant } });
  const round: Round = { requestId, sentUs: nowUs, leaseUs };
  editGroup(turn, name, { rounds: [...run.rounds.slice(1 - roundsKeptMax), round] });
  for (const voter of to) sendRequest(turn, voter, name, run.ballot, requestId);
  keepPromise(turn, name, from, round);
  return true;
}

/** A voter has granted one of this node's requests: the lease may now last longer. */
export function keepPromise(turn: Turn, name: GroupName, voter: NodeId, round: Round): void {
  const run = groupOf(turn, name);
  const known = run.promises[voter];
  if (known !== undefined && known.sentUs >= round.sentUs) return;
  editGroup(turn, name, { promises: { ...run.promises, [voter]: round } });
  lengthenLease(turn, name);
}

/** One more promise counts. */
export function lengthenLease(turn: Turn, name: GroupName): void {
  const { state } = turn;
  const run = groupOf(turn, name);
  const endUs = Math.max(carriedUntilUs(state, name, run.promises), carriedForLongUntilUs(state, name));
  if (endUs <= run.leaseEndUs) return;
  editGroup(turn, name, { leaseEndUs: endUs, aloneUntilUs: mayGoOnAlone(state, name) ? endUs : run.aloneUntilUs });
  if (isHolding(run)) turn.effects.push({ type: "hold-until", group: name, epoch: run.epoch, untilUs: endUs });
}

/** Until when these ordinary promises of the voters carry the group's lease; 0 where they are too few. */
export function carriedUntilUs(state: NodeState, name: GroupName, promises: GroupRun["promises"]): MonotonicUs {
  return leaseEndUs(promises, votersOf(state.document), state.settings, votesNeeded(state, name)) ?? 0;
}

/** As above, where long promises count as well: it takes more voters then, since one of them may have forgotten its own (rule 10). */
function carriedForLongUntilUs(state: NodeState, name: GroupName): MonotonicUs {
  const run = state.groups[name];
  if (run === undefined || Object.keys(run.long).length === 0) return 0;
  const voters = votersOf(state.document);
  const needed = mayGoOnAlone(state, name) ? 1 : longVotesNeeded(voters.length);
  return leaseEndUs(promisesOf(run, state.settings), voters, state.settings, needed) ?? 0;
}

/** Nothing is held or asked for; answers to what was asked come too late. */
export function noLease(turn: Turn): Partial<GroupRun> {
  return { leaseEndUs: 0, rounds: [], promises: {}, refusals: {}, longRound: null, long: {}, longVoidUpTo: turn.state.requestId };
}

/** A candidate that never held the group. */
export const unwon: Omit<ReleasedLease, "epoch"> = { successor: null, planned: false, reason: "" };

/** With every heartbeat: the nodes are asked again, and the witness where they do not answer, so that the lease never comes near its end while a majority answers. */
export function renew(turn: Turn, name: GroupName): void {
  const run = groupOf(turn, name);
  const witness = witnessForHolder(turn.state, run, turn.nowUs);
  if (witness === null) freeWitness(turn, name);
  raiseNumber(turn, name, witness !== null && run.promises[witness] === undefined);
  askVoters(turn, name, [...otherNodeVotersOf(turn.state), ...(witness === null ? [] : [witness])]);
}

/**
 * A voter has since promised another candidate a number that came to nothing: it needs a higher one from this holder too. A witness
 * that has not been asked for long may have, and there is no time to hear its refusal first.
 */
function raiseNumber(turn: Turn, name: GroupName, isNewToWitness: boolean): void {
  const run = groupOf(turn, name);
  const next = run.epochSeen + 1;
  const isTooLow = run.outbidBy >= run.ballot || (isNewToWitness && run.epochSeen > run.ballot);
  if (isTooLow && next <= (turn.state.stored[name] ?? 0)) editGroup(turn, name, { ballot: next, epochSeen: next });
}

/**
 * Gives the lease, or what a candidacy got of it, back to every voter (rule 5). Never while a resource may still be up.
 */
export function giveBack(turn: Turn, name: GroupName, why: Omit<ReleasedLease, "epoch">): void {
  const run = groupOf(turn, name);
  const released: ReleasedLease = { epoch: run.ballot, ...why };
  const own = turn.state.grants[name];
  if (own !== undefined && isBinding(own, turn.nowUs) && own.to === turn.state.nodeId) {
    edit(turn, { grants: { ...turn.state.grants, [name]: { ...own, to: null, untilUs: turn.nowUs, long: null } } });
  }
  editGroup(turn, name, { ...noLease(turn), released, epoch: 0 });
  for (const to of peersOf(turn.state)) {
    send(turn, to, { ...nextEnvelope(turn), type: "lease-release", group: name, ...released });
  }
  turn.heartbeatDue = true;
}

/** Forgets a lease that has run out. The voters' promises run out by themselves: nothing may shorten them now. */
export function letRunOut(turn: Turn, name: GroupName): void {
  editGroup(turn, name, { ...noLease(turn), epoch: 0 });
}

function isHolding(run: GroupRun): boolean {
  return run.epoch > 0 && (resourceStates.has(run.state) || run.state === "draining");
}
