import type { GroupName, NodeId } from "../ids.ts";
import { votersOf } from "../membership/quorum.ts";
import { usFromMs } from "../time.ts";
import { runsOutAtUs } from "./candidacy.ts";
import { holdingStates } from "./group-states.ts";
import { carriedUntilUs, lengthenLease } from "./lease-round.ts";
import { askDisk, voidLong } from "./long-promise.ts";
import type { LongGrant, LongRequest } from "./messages.ts";
import type { GroupRun, NodeState, Round } from "./node-state.ts";
import { seenOf, send } from "./outbound.ts";
import { believePeer } from "./rewound.ts";
import { countAsAway, edit, editGroup, entries, groupOf, nextEnvelope, type Turn } from "./turn.ts";

/* Rule 10, the holder's part: it asks for long promises, counts them, and gives them back as soon as ordinary ones suffice again. */

/** Begins a long round: this node's own vote first, by the same rule as any other, and then every other voter. */
export function openLongRound(turn: Turn, name: GroupName): void {
  const leaseUs = usFromMs(turn.state.settings.longPromiseMsMax);
  const requestId = turn.state.requestId + 1;
  edit(turn, { requestId });
  editGroup(turn, name, { longRound: { requestId, sentUs: turn.nowUs, leaseUs }, long: {} });
  askForLong(turn, name);
}

/** Those that have not answered yet. A repeated request counts from the first time it was sent. */
export function askForLong(turn: Turn, name: GroupName): void {
  const run = groupOf(turn, name);
  if (run.longRound === null) return;
  const { requestId, leaseUs } = run.longRound;
  const { nodeId, incarnation: toIncarnation, document } = turn.state;
  if (turn.state.grants[name]?.long?.requestId !== requestId)
    askDisk(turn, name, { to: nodeId, toIncarnation, epoch: run.ballot, requestId, forUs: leaseUs });
  for (const voter of votersOf(document)) {
    if (voter !== nodeId && run.long[voter] === undefined) sayToVoter(turn, voter, run, requestId, leaseUs);
  }
}

/** A voter has made a long promise. It counts from before the request that it names. */
export function takeLongGrant(turn: Turn, grant: LongGrant): void {
  believePeer(turn, grant.seen);
  const { nodeId, incarnation, settings } = turn.state;
  if (grant.to !== nodeId || grant.toIncarnation !== incarnation || grant.forUs > usFromMs(settings.longPromiseMsMax)) return;
  countLong(turn, grant.group, grant.from, grant.requestId, grant.forUs);
}

export function countLong(turn: Turn, name: GroupName, voter: NodeId, requestId: number, leaseUs: number): void {
  const run = turn.state.groups[name];
  if (run === undefined || !holdingStates.has(run.state) || requestId <= run.longVoidUpTo) return;
  const asked = run.longRound?.requestId === requestId ? run.longRound : run.rounds.find((round) => round.requestId === requestId);
  // More than was asked for: this voter will be away.
  if (asked !== undefined && asked !== run.longRound && voter !== turn.state.nodeId) countAsAway(turn, voter, leaseUs);
  if (asked === undefined || (run.long[voter]?.sentUs ?? 0) > asked.sentUs) return;
  const round: Round = { requestId, sentUs: asked.sentUs, leaseUs };
  editGroup(turn, name, { long: { ...run.long, [voter]: round } });
  lengthenLease(turn, name);
}

export function longVotesHeld({ nodeId, grants, document }: NodeState, run: GroupRun): number {
  const { longRound } = run;
  if (longRound === null) return 0;
  return votersOf(document).filter((voter) =>
    voter === nodeId ? grants[run.name]?.long?.requestId === longRound.requestId : run.long[voter]?.requestId === longRound.requestId,
  ).length;
}

/**
 * With every heartbeat: where ordinary promises carry the lease again, the long ones count no more, and are given back when nothing on this
 * node can have been renewed by them (what outlives a hung agent). So a failure later on is not noticed later than any other.
 */
export function settleLongLease(turn: Turn, name: GroupName): void {
  const { state, nowUs } = turn;
  const run = groupOf(turn, name);
  const ordinaryEndUs = carriedUntilUs(state, name, run.promises);
  if (Object.keys(run.long).length > 0 || run.longRound !== null) {
    const countsOnAbsent = entries(run.long).some(([voter]) => (state.peers[voter]?.awayUntilUs ?? 0) > nowUs);
    if (countsOnAbsent || nowUs >= runsOutAtUs(state, ordinaryEndUs)) return;
    const longFreeAtUs = nowUs + usFromMs(state.settings.longReleaseAfterMs);
    editGroup(turn, name, { long: {}, longRound: null, longVoidUpTo: state.requestId, longFreeAtUs, leaseEndUs: ordinaryEndUs });
    turn.effects.push({ type: "hold-until", group: name, epoch: run.epoch, untilUs: ordinaryEndUs });
  }
  if (nowUs >= groupOf(turn, name).longFreeAtUs) giveLongBack(turn, name);
}

/** To every voter that says it is bound for longer than any ordinary promise binds it. */
function giveLongBack(turn: Turn, name: GroupName): void {
  const { state, nowUs } = turn;
  const { nodeId, incarnation } = state;
  const ordinaryUs = usFromMs(state.settings.leaseMsMax);
  const bound = entries(state.peers).flatMap(([voter, { grants }]) => {
    const told = grants[name];
    return told?.to === nodeId && told.untilUs - nowUs > ordinaryUs ? [voter] : [];
  });
  const isBoundItself = (state.grants[name]?.long?.untilUs ?? 0) > nowUs;
  if (bound.length === 0 && !isBoundItself) return;
  const requestId = state.requestId;
  editGroup(turn, name, { longVoidUpTo: requestId });
  const run = groupOf(turn, name);
  voidLong(turn, name, { to: nodeId, toIncarnation: incarnation, epoch: run.ballot, requestId, forUs: 0 });
  for (const voter of bound) sayToVoter(turn, voter, run, requestId, 0);
}

function sayToVoter(turn: Turn, to: NodeId, run: GroupRun, requestId: number, forUs: number): void {
  const request: Omit<LongRequest, keyof ReturnType<typeof nextEnvelope>> = {
    type: "long-request",
    group: run.name,
    epoch: run.ballot,
    forUs,
    requestId,
    seen: seenOf(turn.state, to),
  };
  send(turn, to, { ...nextEnvelope(turn), ...request });
}
