import { tellOfAges } from "./age-news.ts";
import { editClocks, lookAtOwnClock, releaseWithheld, sendPulses, takePulse } from "./clock-course.ts";
import { noticeUncovered } from "./coverage.ts";
import type { ExchangeEffect } from "./exchange-effects.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import { settleNews, tellOfOpenConflicts } from "./exchange-news.ts";
import type { ExchangeState } from "./exchange-state.ts";
import {
  dataSetsOf,
  edit,
  editLink,
  editPeer,
  editStream,
  isHolding,
  linkOf,
  peerOf,
  peersOf,
  replicaOf,
  type Turn,
} from "./exchange-turn.ts";
import { pruneWhatIsStable, sealWhatIsNew, takePruned } from "./pruning.ts";
import { applyWhatIsDue, giveUpUnit, takeApplied, takeChanges } from "./receiving.ts";
import { goRound, takeDocument, takeHeard } from "./ring-course.ts";
import { noteView, pump, takeReadFailure, takeReading, tell, tellWhatIsDue, tellWhetherHolding } from "./sending.ts";
import { close, closeAll, noteFailure, takeLoss, takeStream } from "./streams.ts";
import { missingFrom } from "./version-vector.ts";
import { offeredBy } from "./withholding.ts";
import { takeWord } from "./words.ts";

export interface ExchangeResult {
  readonly state: ExchangeState;
  readonly effects: readonly ExchangeEffect[];
}

export type ExchangeStep = (state: ExchangeState, event: ExchangeEvent, nowMs: number) => ExchangeResult;

/**
 * How a node keeps its replicas level with those of the others: with whom it has streams, what it sends to whom, what it takes, and what it
 * says of itself. One event in, the next state and what is to be done out. Pure: the same arguments give the same answer. `nowMs` is
 * monotonic. Rows are none of its business: those pass between file and stream at the edge.
 */
export function exchange(state: ExchangeState, event: ExchangeEvent, nowMs: number): ExchangeResult {
  const turn: Turn = { nowMs, state, effects: [] };
  takeEvent(turn, event);
  const wakeAtMs = nextWakeMs(turn.state);
  if (wakeAtMs !== state.wakeAtMs) edit(turn, { wakeAtMs });
  if (wakeAtMs !== null && (event.type === "tick" || wakeAtMs !== state.wakeAtMs)) turn.effects.push({ type: "wake-at", atMs: wakeAtMs });
  return { state: turn.state, effects: turn.effects };
}

function takeEvent(turn: Turn, event: ExchangeEvent): void {
  switch (event.type) {
    case "tick":
      lookAtOwnClock(turn, event.wallMs);
      return letTimePass(turn, event.silentMs);
    case "replica":
      if (event.view === null) return forgetReplica(turn, event.dataSet);
      return noteView(turn, event.dataSet, event.view);
    case "document":
      takeDocument(turn, event.order);
      editClocks(turn, { skewMsMax: event.skewMsMax ?? turn.state.settings.clock.skewMsMax });
      return goRound(turn);
    case "heard":
      takeHeard(turn, event.peers);
      return goRound(turn);
    case "opened":
      takeStream(turn, event);
      return goRound(turn);
    case "dial-failed":
      noteFailure(turn, event.peer, event.reason);
      editPeer(turn, event.peer, { dialing: false });
      return goRound(turn);
    case "lost":
      takeLoss(turn, event);
      return goRound(turn);
    case "backlog":
      editStream(turn, event.peer, event.stream, { full: event.full });
      return pump(turn, event.peer);
    case "word":
      return takeWord(turn, event);
    case "pulse":
      return takePulse(turn, event);
    case "release-withheld":
      return releaseWithheld(turn);
    case "changes":
      return takeChanges(turn, event);
    case "applied":
      return takeApplied(turn, event);
    case "read":
      return takeReading(turn, event);
    case "read-failed":
      return takeReadFailure(turn, event);
    case "pruned":
      return takePruned(turn, event);
    case "stop":
      for (const peer of peersOf(turn.state)) closeAll(turn, peer, "this node is stopping");
  }
}

function letTimePass(turn: Turn, silentMs: Readonly<Record<number, number>>): void {
  const { settings } = turn.state;
  for (const peer of peersOf(turn.state)) {
    for (const { id } of peerOf(turn.state, peer).streams) {
      const silent = silentMs[id] ?? 0;
      if (silent > settings.silentAfterMs) close(turn, peer, id, `silent for ${Math.round(silent)} ms`);
    }
    if (peerOf(turn.state, peer).pumpAgain) pump(turn, peer);
  }
  for (const dataSet of dataSetsOf(turn.state)) tellWhetherHolding(turn, dataSet);
  applyWhatIsDue(turn);
  tellWhatIsDue(turn);
  if (turn.nowMs >= turn.state.nextSignMs) giveSignsOfLife(turn);
  sealWhatIsNew(turn);
  pruneWhatIsStable(turn);
  goRound(turn);
}

/** Where a peer has changes that do not come, whatever went wrong, they are asked for anew. */
function giveSignsOfLife(turn: Turn): void {
  const { nowMs } = turn;
  const { signOfLifeMs, askAgainAfterMs } = turn.state.settings;
  edit(turn, { nextSignMs: nowMs + signOfLifeMs });
  for (const dataSet of dataSetsOf(turn.state)) {
    const replica = replicaOf(turn, dataSet);
    for (const peer of peersOf(turn.state)) {
      // While this node itself cannot apply, nothing is late: what is dropped is asked for when it can.
      const lacking = !isHolding(replica, nowMs) && missingFrom(replica.view.vector, offeredBy(turn.state, peer, dataSet)) > 0;
      const movedAtMs = linkOf(turn.state, peer, dataSet).movedAtMs ?? nowMs;
      const asksAgain = lacking && nowMs - movedAtMs > askAgainAfterMs;
      editLink(turn, peer, dataSet, { movedAtMs: lacking && !asksAgain ? movedAtMs : nowMs });
      if (asksAgain) {
        const message = `changes of data set ${dataSet} that ${peer} has did not come: asked for again`;
        turn.effects.push({ type: "warn", message });
      }
      tell(turn, peer, dataSet, asksAgain);
    }
    settleNews(turn, dataSet);
    tellOfOpenConflicts(turn, dataSet);
    noticeUncovered(turn, dataSet);
    tellOfAges(turn, dataSet);
  }
  // After the words, of which they say when they were true.
  for (const peer of peersOf(turn.state)) sendPulses(turn, peer);
}

/** What passed of it is forgotten too: should it come back, it is another file. */
function forgetReplica(turn: Turn, dataSet: string): void {
  for (const peer of peersOf(turn.state)) {
    for (const { id } of peerOf(turn.state, peer).streams) giveUpUnit(turn, peer, id, dataSet);
    const { [dataSet]: _link, ...links } = peerOf(turn.state, peer).links;
    editPeer(turn, peer, { links });
  }
  const { [dataSet]: _gone, ...others } = turn.state.replicas;
  edit(turn, { replicas: others });
}

/** The next instant at which something is due that cannot wait for the ordinary tick. */
function nextWakeMs({ replicas, peers }: ExchangeState): number | null {
  let atMs = Number.POSITIVE_INFINITY;
  for (const { tellAtMs } of Object.values(replicas)) atMs = Math.min(atMs, tellAtMs ?? atMs);
  for (const { streams } of Object.values(peers)) {
    for (const { units } of streams) {
      for (const { applying } of Object.values(units)) atMs = Math.min(atMs, applying?.retryAtMs ?? atMs);
    }
  }
  return atMs === Number.POSITIVE_INFINITY ? null : atMs;
}
