import type { NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import { betterReading, measuredClock, relayedClock, relayedReadings, uncertaintyAt } from "./clock-reading.ts";
import { type ClockDoubt, type ClockState, isClockKnown } from "./clock-state.ts";
import { type ClockDifference, type ClockVerdict, clockVerdict, type KnownClock } from "./clock-verdict.ts";
import { ageMatrices, noteTick } from "./data-age.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import type { ExchangeState } from "./exchange-state.ts";
import { edit, editStream, isOpen, noteStatus, peerOf, report, streamOf, type Turn } from "./exchange-turn.ts";
import { pumpAll, tellAll } from "./sending.ts";
import { isClockDoubted, withholdWhereDoubted } from "./withholding.ts";

/** A difference counts as gone below this part of the limit. */
const calmPart = 0.9;

export function sendPulse(turn: Turn, peer: NodeId, id: number): void {
  const stream = streamOf(turn.state, peer, id);
  if (stream === undefined) return;
  const { pulse } = stream;
  const echo = pulse === null ? null : { sentMs: pulse.sentMs, heldMs: Math.max(0, turn.nowMs - pulse.receivedAtMs) };
  const clocks = relayedReadings(turn.state.clocks.readings, peer, turn.nowMs);
  turn.effects.push({
    type: "send-pulse",
    stream: id,
    pulse: { sentMs: turn.nowMs, echo, clocks, ages: ageMatrices(turn.state, turn.nowMs) },
  });
}

/** The peer's clock, as closely as the pulse's way there and back tells it. One that was nobody's answer yet is answered at once. */
export function takePulse(turn: Turn, { peer, stream: id, wallMs, pulse }: Extract<ExchangeEvent, { type: "pulse" }>): void {
  if (streamOf(turn.state, peer, id) === undefined) return;
  editStream(turn, peer, id, { pulse: { sentMs: pulse.sentMs, receivedAtMs: turn.nowMs } });
  const { echo } = pulse;
  if (echo === null) return sendPulse(turn, peer, id);
  const direct = measuredClock(wallMs, { sentMs: echo.sentMs, receivedMs: turn.nowMs, heldMs: echo.heldMs });
  const readings = { ...turn.state.clocks.readings };
  readings[peer] = betterReading(readings[peer], direct, turn.nowMs);
  for (const [node, relayed] of Object.entries(pulse.clocks) as [NodeId, (typeof pulse.clocks)[NodeId]][]) {
    if (node === turn.state.self || !turn.state.order.includes(node)) continue;
    readings[node] = betterReading(readings[node], relayedClock(relayed, direct), turn.nowMs);
  }
  editClocks(turn, { readings });
  noteTick(turn, { peer, stream: id, sentAtMs: turn.nowMs - direct.uncertaintyMs }, pulse.ages);
  judgeClocks(turn);
}

/** This node's own wall clock was looked at. */
export function lookAtOwnClock(turn: Turn, wallMs: number): void {
  editClocks(turn, { ownOffsetMs: wallMs - turn.nowMs });
  judgeClocks(turn);
}

export function editClocks(turn: Turn, patch: Partial<ClockState>): void {
  edit(turn, { clocks: { ...turn.state.clocks, ...patch } });
}

/** Clocks of members alone, as far as they are known closely enough to say anything. */
export function knownClocks({ self, order, clocks }: ExchangeState, nowMs: number): readonly KnownClock[] {
  const { ownOffsetMs, readings, skewMsMax } = clocks;
  if (ownOffsetMs === null) return [];
  const others = (Object.entries(readings) as [NodeId, (typeof readings)[NodeId]][]).map(([node, reading]) => ({
    node,
    offsetMs: reading.offsetMs,
    uncertaintyMs: uncertaintyAt(reading, nowMs),
  }));
  return [
    { node: self, offsetMs: ownOffsetMs, uncertaintyMs: 0 },
    ...others.filter(({ node, uncertaintyMs }) => order.includes(node) && uncertaintyMs < skewMsMax / 2),
  ];
}

function judgeClocks(turn: Turn): void {
  const { clocks, order } = turn.state;
  const wasKnown = isClockKnown(turn.state.clocks);
  const known = knownClocks(turn.state, turn.nowMs);
  const verdict = clockVerdict(known, order.length, clocks.skewMsMax);
  editClocks(turn, { verdict });
  if (verdict.kind !== "unknown") {
    // A clock in doubt is held to a narrower limit until it is right again.
    const narrow = clockVerdict(known, order.length, clocks.skewMsMax * calmPart);
    judgeSuspects(turn, verdict, narrow);
    judgeDispute(turn, verdict, narrow);
  }
  if (!isClockDoubted(turn.state) && turn.state.clocks.released) editClocks(turn, { released: false });
  withholdWhereDoubted(turn);
  if (!wasKnown && isClockKnown(turn.state.clocks)) pumpAll(turn);
}

function judgeSuspects(turn: Turn, verdict: ClockVerdict, narrow: ClockVerdict): void {
  const suspects: Record<NodeId, ClockDoubt> = { ...turn.state.clocks.suspects };
  for (const { node, aheadMs, uncertaintyMs } of verdict.kind === "skewed" ? verdict.skewed : []) {
    const before = suspects[node];
    suspects[node] = { aheadMs, sinceMs: before?.sinceMs ?? turn.nowMs, calmSinceMs: null };
    if (before === undefined) tellSkewed(turn, { node, aheadMs, uncertaintyMs }, null);
  }
  const stillOff = new Set(narrow.kind === "skewed" ? narrow.skewed.map(({ node }) => node) : []);
  for (const [node, doubt] of Object.entries(suspects) as [NodeId, ClockDoubt][]) {
    // While nobody can say whose clock is wrong, nothing says that this one is right.
    const next = narrow.kind === "disputed" || stillOff.has(node) ? { ...doubt, calmSinceMs: null } : calmed(doubt, turn.nowMs);
    suspects[node] = next;
    if (!turn.state.order.includes(node)) delete suspects[node];
    else if (isOver(turn, next)) {
      delete suspects[node];
      tellAligned(turn, node, null, doubt.sinceMs);
    }
  }
  editClocks(turn, { suspects });
}

function judgeDispute(turn: Turn, verdict: ClockVerdict, narrow: ClockVerdict): void {
  const { dispute } = turn.state.clocks;
  if (verdict.kind === "disputed") {
    const { ahead, behind } = verdict;
    editClocks(turn, {
      dispute: { ahead: ahead.node, behind, aheadMs: ahead.aheadMs, sinceMs: dispute?.sinceMs ?? turn.nowMs, calmSinceMs: null },
    });
    if (dispute === null) tellSkewed(turn, ahead, behind);
    return;
  }
  if (dispute === null) return;
  // A majority has spoken: who differs from it is told of by itself.
  if (verdict.kind === "skewed") return editClocks(turn, { dispute: null });
  const next = narrow.kind === "aligned" ? calmed(dispute, turn.nowMs) : { ...dispute, calmSinceMs: null };
  editClocks(turn, { dispute: { ...dispute, ...next } });
  if (!isOver(turn, next)) return;
  editClocks(turn, { dispute: null });
  tellAligned(turn, dispute.ahead, dispute.behind, dispute.sinceMs);
}

function calmed(doubt: ClockDoubt, nowMs: number): ClockDoubt {
  return { ...doubt, calmSinceMs: doubt.calmSinceMs ?? nowMs };
}

function isOver({ nowMs, state }: Turn, { calmSinceMs }: ClockDoubt): boolean {
  return calmSinceMs !== null && nowMs - calmSinceMs >= state.settings.clock.alignedForMs;
}

type ClockNews = Extract<EventDetail, { kind: "clock.skewed" | "clock.aligned" }>;

function tellSkewed(turn: Turn, { node, aheadMs, uncertaintyMs }: ClockDifference, than: NodeId | null): void {
  const limitMs = turn.state.clocks.skewMsMax;
  tell(turn, { kind: "clock.skewed", node, than, aheadMs: Math.round(aheadMs), uncertaintyMs: Math.ceil(uncertaintyMs), limitMs });
}

function tellAligned(turn: Turn, node: NodeId, than: NodeId | null, sinceMs: number): void {
  tell(turn, { kind: "clock.aligned", node, than, skewedMs: Math.round(turn.nowMs - sinceMs) });
}

/** Every node sees it; the first in ring order of those that are in touch and not doubted themselves tells it, so that it is told once. */
function tell(turn: Turn, news: ClockNews): void {
  noteStatus(turn);
  const { self, order, clocks } = turn.state;
  const inTouch = order.filter((node) => node === self || isOpen(turn.state, node));
  const trusted = inTouch.filter((node) => node !== news.node && clocks.suspects[node] === undefined);
  if ((trusted[0] ?? inTouch[0]) === self) report(turn, news);
}

/** The operator's word: what waits here goes out, whatever the clock says. */
export function releaseWithheld(turn: Turn): void {
  if (!isClockDoubted(turn.state)) return;
  editClocks(turn, { released: true });
  withholdWhereDoubted(turn);
  for (const dataSet of Object.keys(turn.state.replicas)) tellAll(turn, dataSet);
  pumpAll(turn);
  noteStatus(turn);
}

/** Peers without a stream are told nothing. */
export function sendPulses(turn: Turn, peer: NodeId): void {
  const newest = peerOf(turn.state, peer).streams.at(-1);
  if (newest !== undefined) sendPulse(turn, peer, newest.id);
}
