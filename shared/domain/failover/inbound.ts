import type { NodeId, PathName } from "../ids.ts";
import { votingWitnessOf } from "../membership/quorum.ts";
import { learnMoves } from "../priority/flap-guard.ts";
import { msFromUs } from "../time.ts";
import type { NodeEvent } from "./events.ts";
import { holdingStates } from "./group-states.ts";
import { isBinding } from "./lease.ts";
import { keepPromise } from "./lease-round.ts";
import { takeLongGrant } from "./long-lease.ts";
import { takeLongRequest } from "./long-promise.ts";
import type {
  Away,
  Envelope,
  GroupState,
  Heartbeat,
  LeaseGrant,
  LeaseRefusal,
  LeaseRelease,
  LeaseRequest,
  PeerMessage,
  ReleasedLease,
} from "./messages.ts";
import type { Grant, PeerView } from "./node-state.ts";
import { offerDocument, seenOf, send } from "./outbound.ts";
import { asOfNewRun, pathsHeard } from "./path-watch.ts";
import { noticeNewRun, quarantineToldBy } from "./quarantine-watch.ts";
import { believePeer } from "./rewound.ts";
import { takeSole } from "./sole.ts";
import { countAsAway, edit, editGroup, editPeer, entries, groupOf, nextEnvelope, report, type Turn } from "./turn.ts";
import { judge } from "./voter.ts";

/** About how much later than the first voter the last one hears that a lease was given back. */
const releasePauseUs = 5_000;

/** Takes one message in. Strangers, removed nodes and earlier incarnations are nobody; repeats and late ones change nothing (rule 7). */
export function takeMessage(turn: Turn, message: PeerMessage, path: PathName): void {
  const known = turn.state.peers[message.from];
  if (known === undefined || message.incarnation < known.incarnation) return;
  hear(turn, message, path, known);
  if (message.documentVersion < turn.state.document.version) offerDocument(turn, message.from);
  switch (message.type) {
    case "heartbeat":
      return takeHeartbeat(turn, message);
    case "lease-request":
      return takeRequest(turn, message);
    case "lease-grant":
      return takeGrant(turn, message);
    case "lease-refusal":
      return takeRefusal(turn, message);
    case "lease-release":
      return takeRelease(turn, message);
    case "long-request":
      believePeer(turn, message.seen);
      return takeLongRequest(turn, message);
    case "long-grant":
      return takeLongGrant(turn, message);
    case "away":
      return noticeAway(turn, message);
  }
}

/** The same message by another path: it was taken in, and only its way is news. */
export function takeCopy(turn: Turn, { from, incarnation, sequence, path }: Extract<NodeEvent, { type: "copy" }>): void {
  const peer = turn.state.peers[from];
  if (peer?.incarnation !== incarnation) return;
  const paths = pathsHeard(turn, from, peer, path, sequence);
  if (paths !== peer.paths) editPeer(turn, from, { paths });
}

/** Its last word before it is started anew; what it said before that comes too late to take it back. */
function noticeAway(turn: Turn, { from, sequence, forUs }: Away): void {
  const peer = turn.state.peers[from];
  if (peer === undefined || sequence < peer.sequence) return;
  countAsAway(turn, from, forUs);
}

function hear(turn: Turn, message: Envelope, path: PathName, known: PeerView): void {
  const { nowUs } = turn;
  const isNewRun = message.incarnation > known.incarnation;
  const heardSinceUs = isNewRun || known.silent ? nowUs : known.heardSinceUs;
  const before = { paths: isNewRun ? asOfNewRun(known.paths) : known.paths, heardSinceUs };
  const paths = pathsHeard(turn, message.from, before, path, message.sequence);
  // A message that others have overtaken says nothing about now.
  if (!isNewRun && message.sequence <= known.sequence) return editPeer(turn, message.from, { paths, heardSinceUs });
  // Who has said that it would be away is no surprise when it is back.
  if (known.silent && known.heardAtUs !== null && known.awayUntilUs === 0) {
    report(turn, { kind: "node.returned", node: message.from, awayMs: Math.round(msFromUs(nowUs - known.heardAtUs)) });
  }
  if (isNewRun) noticeNewRun(turn, message.from, known);
  const heard = {
    paths,
    heardSinceUs,
    sequence: message.sequence,
    heardAtUs: nowUs,
    silent: false,
    isLeaveCounted: false,
  };
  const anew = {
    incarnation: message.incarnation,
    heartbeatSequence: -1,
    hearsUsAtUs: null,
    readmissions: 0,
    groups: {},
    grants: {},
    status: null,
    lastHeard: [],
  };
  editPeer(turn, message.from, isNewRun ? { ...anew, ...heard } : heard);
}

function takeHeartbeat(turn: Turn, beat: Heartbeat): void {
  const peer = turn.state.peers[beat.from];
  if (peer === undefined || beat.sequence <= peer.heartbeatSequence) return;
  const { nowUs } = turn;
  const ours = beat.lastHeard.find((heard) => heard.node === turn.state.nodeId);
  believePeer(turn, ours ?? null);
  const isOfThisRun = ours !== undefined && ours.incarnation === turn.state.incarnation;
  editPeer(turn, beat.from, {
    heartbeatSequence: beat.sequence,
    hearsUsAtUs: isOfThisRun ? nowUs - ours.ageUs : peer.hearsUsAtUs,
    ...quarantineToldBy(turn.state, peer, beat, nowUs),
    // Back, and its vote is to be had again.
    awayUntilUs: isOfThisRun ? 0 : peer.awayUntilUs,
    status: beat.status,
    lastHeard: beat.lastHeard,
    toldAtUs: nowUs,
    documentVersion: beat.documentVersion,
    groups: Object.fromEntries(beat.groups.map((told) => [told.group, told])),
    grants: Object.fromEntries(
      beat.grants.map(({ group, to, toIncarnation, epoch, remainingUs }) => [
        group,
        { to, toIncarnation, epoch, untilUs: nowUs + remainingUs },
      ]),
    ),
  });
  for (const told of beat.groups) noteGroup(turn, beat, told);
  for (const grant of beat.grants) {
    if (grant.to === turn.state.nodeId) takeGrant(turn, { from: beat.from, ...grant, seen: ours ?? null });
  }
}

function noteGroup(turn: Turn, beat: Heartbeat, told: GroupState): void {
  const run = turn.state.groups[told.group];
  if (run === undefined) return;
  noteEpoch(turn, told.group, Math.max(told.highestAsked, told.epoch));
  const known = groupOf(turn, told.group);
  const learnt = learnMoves(known, told, turn.nowUs);
  if (learnt !== known) editGroup(turn, told.group, learnt);
  takeSole(turn, beat.from, told);
  if (told.released !== null) takeRelease(turn, { from: beat.from, incarnation: beat.incarnation, group: told.group, ...told.released });
  if (told.state !== "operational" || told.epoch < (run.lastHolder?.epoch ?? 0)) return;
  // Sent before the lease was given back, and overtaken by that word.
  if (run.heardRelease?.by === beat.from && told.epoch <= run.heardRelease.epoch) return;
  editGroup(turn, told.group, { lastHolder: { node: beat.from, epoch: told.epoch }, heardRelease: null, attempts: 0 });
}

function noteEpoch(turn: Turn, group: GroupState["group"], epoch: number): void {
  const run = turn.state.groups[group];
  if (run !== undefined && epoch > run.epochSeen) editGroup(turn, group, { epochSeen: epoch });
}

function takeRequest(turn: Turn, request: LeaseRequest): void {
  believePeer(turn, request.seen);
  const verdict = judge(turn.state, request, turn.nowUs);
  if (verdict === null) return;
  noteEpoch(turn, request.group, request.epoch);
  const { group, requestId } = request;
  if (verdict.granted) {
    edit(turn, { grants: { ...turn.state.grants, [group]: verdict.grant } });
    const answer = {
      group,
      to: request.from,
      toIncarnation: request.incarnation,
      epoch: request.epoch,
      requestId,
      seen: seenOf(turn.state, request.from),
    };
    return send(turn, request.from, { ...nextEnvelope(turn), type: "lease-grant", ...answer });
  }
  const epoch = Math.max(turn.state.grants[group]?.epoch ?? 0, turn.state.groups[group]?.epochSeen ?? 0);
  const { reason, holder, remainingUs } = verdict;
  const answer = { group, to: request.from, requestId, reason, epoch, holder, remainingUs };
  send(turn, request.from, { ...nextEnvelope(turn), type: "lease-refusal", ...answer });
}

function takeGrant(turn: Turn, grant: Omit<LeaseGrant, "type" | Exclude<keyof Envelope, "from">>): void {
  believePeer(turn, grant.seen);
  const run = turn.state.groups[grant.group];
  if (run === undefined || grant.to !== turn.state.nodeId || grant.toIncarnation !== turn.state.incarnation) return;
  if (run.state !== "asking" && !holdingStates.has(run.state)) return;
  // Granted before it was given back, and heard after.
  if (grant.from === votingWitnessOf(turn.state.document) && grant.epoch <= run.witnessFreed) return;
  const round = run.rounds.find((candidate) => candidate.requestId === grant.requestId);
  if (round !== undefined) keepPromise(turn, grant.group, grant.from, round);
}

function takeRefusal(turn: Turn, refusal: LeaseRefusal): void {
  const run = turn.state.groups[refusal.group];
  if (run === undefined || refusal.to !== turn.state.nodeId) return;
  noteEpoch(turn, refusal.group, refusal.epoch);
  if (!run.rounds.some((round) => round.requestId === refusal.requestId)) return;
  if (refusal.reason === "older-epoch") editGroup(turn, refusal.group, { outbidBy: Math.max(run.outbidBy, refusal.epoch) });
  if (run.state !== "asking" || refusal.remainingUs === 0) return;
  // The holder's word that it has let go is still on its way to this voter: ask again in a moment.
  const isLettingGo = refusal.holder !== null && refusal.holder === run.heardRelease?.by;
  const freeAtUs = turn.nowUs + Math.min(refusal.remainingUs, isLettingGo ? releasePauseUs : refusal.remainingUs);
  editGroup(turn, refusal.group, {
    refusals: { ...run.refusals, [refusal.from]: freeAtUs },
    // The voter will be free in time: ask it right then.
    askAgainAtUs: Math.min(run.askAgainAtUs, freeAtUs + 1),
  });
}

function takeRelease(turn: Turn, release: Pick<LeaseRelease, "from" | "incarnation" | "group" | keyof ReleasedLease>): void {
  const { group, from, epoch, successor, planned, reason } = release;
  noteEpoch(turn, group, epoch);
  freeGrant(turn, group, from, release.incarnation, epoch);
  const run = turn.state.groups[group];
  if (run === undefined || run.lastHolder?.node !== from || reason === "" || epoch < run.lastHolder.epoch) return;
  if (run.heardRelease?.by === from && run.heardRelease.epoch >= epoch) return;
  editGroup(turn, group, { heardRelease: { by: from, epoch, successor, planned, reason, aloneUpTo: epoch } });
}

/** The promise was given back. It stays on record for its number: an older request that comes late finds it used. */
function freeGrant(turn: Turn, group: GroupState["group"], from: NodeId, incarnation: number, epoch: number): void {
  const grant = turn.state.grants[group];
  if (isBinding(grant, turn.nowUs) && grant.to === from && grant.toIncarnation === incarnation) {
    // A voter that has started again counts every number that it had reserved as promised: the long promise has its own.
    const isLongFreed = grant.long !== null && grant.long.epoch <= epoch;
    const freed: Grant =
      grant.epoch <= epoch ? { ...grant, to: null, untilUs: turn.nowUs, long: null } : { ...grant, long: isLongFreed ? null : grant.long };
    edit(turn, { grants: { ...turn.state.grants, [group]: freed } });
  }
  // Whatever it last said of itself, it holds the group no more.
  const giver = turn.state.peers[from];
  const told = giver?.groups[group];
  if (giver !== undefined && told !== undefined && holdingStates.has(told.state) && told.epoch <= epoch) {
    editPeer(turn, from, { groups: { ...giver.groups, [group]: { ...told, state: "standby" } } });
  }
  // The other voters get the same word at about the same time: they need not be waited for.
  for (const [voter, peer] of entries(turn.state.peers)) {
    const promise = peer.grants[group];
    if (promise === undefined || promise.to !== from || promise.epoch > epoch || turn.nowUs >= promise.untilUs) continue;
    editPeer(turn, voter, { grants: { ...peer.grants, [group]: { ...promise, untilUs: turn.nowUs } } });
  }
}
