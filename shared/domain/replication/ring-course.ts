import type { NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { PassedOver } from "../monitoring/replication-event.ts";
import type { ExchangeState } from "./exchange-state.ts";
import { dataSetsOf, edit, editPeer, isOpen, noteStatus, peerOf, peersOf, report, type Turn } from "./exchange-turn.ts";
import type { SyncPartner } from "./replication-status.ts";
import { nextRingStep, successorsOf } from "./ring.ts";
import { closeAll, forget } from "./streams.ts";
import { isPeerLevel } from "./words.ts";

/** With whom this node synchronises, where a stream to it stands. */
export function partnerOf(state: ExchangeState): SyncPartner | undefined {
  const { partner } = state;
  if (partner === null || !isOpen(state, partner)) return undefined;
  return { nodeId: partner, expected: partner === expectedOf(state) };
}

/** Chooses the partner, tells of a change, and has streams opened to it and to the expected successor. */
export function goRound(turn: Turn): void {
  const { state } = turn;
  const expected = expectedOf(state);
  const step = nextRingStep({
    order: state.order,
    self: state.self,
    partner: state.partner ?? undefined,
    isLive: (node) => isLive(state, node, turn.nowMs),
    isLevel: (node) => isPeerLevel(state, node),
  });
  if (step.kind !== "keep") edit(turn, { partner: step.kind === "no-peer" ? null : step.partner });
  if (expected === undefined) return;
  tellOfPartner(turn, expected);
  for (const target of new Set([turn.state.partner, expected])) {
    if (target !== null && isLive(turn.state, target, turn.nowMs) && !isInTouch(turn.state, target)) dial(turn, target);
  }
  if (step.kind === "no-peer") noteStatus(turn);
}

/** Whoever is heard again is dialled at once; streams with whoever is not are given up. */
export function takeHeard(turn: Turn, heard: NonNullable<ExchangeState["heard"]>): void {
  edit(turn, { heard });
  for (const peer of peersOf(turn.state)) {
    if (heard[peer] === undefined) closeAll(turn, peer, "its heartbeats are missing");
    else editPeer(turn, peer, { attempt: null });
  }
}

/** Whoever is left, or has just been enrolled, has its own time to appear. */
export function takeDocument(turn: Turn, order: readonly NodeId[]): void {
  const isSomebodyRemoved = turn.state.order.some((node) => !order.includes(node));
  edit(turn, { order, removedAtMs: isSomebodyRemoved ? turn.nowMs : turn.state.removedAtMs });
  for (const peer of peersOf(turn.state)) if (!order.includes(peer)) forget(turn, peer, "it is no longer in the cluster document");
  const { told } = turn.state;
  if (told !== null && told !== "nobody" && !order.includes(told)) edit(turn, { told: null });
  if (turn.state.told === null) edit(turn, { membersSinceMs: turn.nowMs });
}

function expectedOf({ order, self }: ExchangeState): NodeId | undefined {
  return successorsOf(order, self)[0];
}

function isLive(state: ExchangeState, node: NodeId, nowMs: number): boolean {
  if (state.heard !== null && state.heard[node] === undefined) return false;
  return isOpen(state, node) || nowMs >= (peerOf(state, node).attempt?.notBeforeMs ?? Number.NEGATIVE_INFINITY);
}

/** A stream whose path is silent is replaced by one on a path that is not, before it is missed: nobody is bypassed for that. */
function isInTouch(state: ExchangeState, node: NodeId): boolean {
  const dialled = peerOf(state, node).streams.find(({ openedBy }) => openedBy === "self")?.path ?? null;
  const heard = state.heard?.[node] ?? [];
  const isSilentPath = dialled !== null && heard.length > 0 && !heard.includes(dialled);
  return isOpen(state, node) && !isSilentPath;
}

function dial(turn: Turn, peer: NodeId): void {
  const { dialing, attempt } = peerOf(turn.state, peer);
  if (dialing || turn.nowMs < (attempt?.notBeforeMs ?? Number.NEGATIVE_INFINITY)) return;
  editPeer(turn, peer, { dialing: true });
  turn.effects.push({ type: "dial", peer });
}

/** Events tell what has become true, not what is being tried. */
function tellOfPartner(turn: Turn, expected: NodeId): void {
  const { state } = turn;
  const partner = partnerOf(state)?.nodeId;
  if (partner === state.told) return;
  if (partner === undefined) return tellOfNobody(turn, expected);
  edit(turn, { told: partner });
  if (partner !== expected) {
    const passedOver = reasonsBefore(state, partner);
    const reason = reasonFor(state, expected);
    return tellEach(turn, (dataSet) => ({ kind: "replication.bypass", dataSet, expected, using: partner, reason, passedOver }));
  }
  if (state.told === null) return noteStatus(turn);
  tellEach(turn, (dataSet) => ({ kind: "replication.failback", dataSet, peer: partner }));
}

function tellOfNobody(turn: Turn, expected: NodeId): void {
  const { state, nowMs } = turn;
  if (state.partner !== null && isLive(state, state.partner, nowMs)) return;
  // Who has not been seen yet may still be starting, as a whole site does after a power cut, or have no agent yet.
  const lonely = state.told !== null || nowMs - state.membersSinceMs > state.settings.startPatienceMs;
  if (state.told === "nobody" || !lonely) return;
  edit(turn, { told: "nobody" });
  const reason = reasonFor(state, expected);
  const passedOver = reasonsBefore(state, null);
  tellEach(turn, (dataSet) => ({ kind: "replication.no-peer", dataSet, reason, passedOver }));
}

function tellEach(turn: Turn, make: (dataSet: string) => EventDetail): void {
  for (const dataSet of dataSetsOf(turn.state)) report(turn, make(dataSet));
  noteStatus(turn);
}

/** Why each that was to be taken before this one is not; null: why nobody is. */
function reasonsBefore(state: ExchangeState, partner: NodeId | null): readonly PassedOver[] {
  const candidates = successorsOf(state.order, state.self);
  const before = partner === null ? candidates : candidates.slice(0, candidates.indexOf(partner));
  return before.map((node) => ({ node, reason: reasonFor(state, node).slice(0, 1_000) }));
}

function reasonFor(state: ExchangeState, node: NodeId): string {
  if (state.heard !== null && state.heard[node] === undefined) return "its heartbeats are missing";
  return peerOf(state, node).attempt?.reason ?? "it does not answer";
}
