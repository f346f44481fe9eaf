import type { NodeId } from "../ids.ts";
import type { ExchangeEvent } from "./exchange-events.ts";
import type { IncomingUnit, StreamId } from "./exchange-state.ts";
import {
  editLink,
  editReplica,
  editStream,
  isHolding,
  linkOf,
  peerOf,
  peersOf,
  replicaOf,
  report,
  streamOf,
  type Turn,
} from "./exchange-turn.ts";
import { withoutEcho } from "./outgoing.ts";
import { noteView, tell, tellSoon, tellWhetherHolding } from "./sending.ts";
import { drop } from "./streams.ts";
import { joined } from "./version-vector.ts";
import { hear, moved } from "./words.ts";

/**
 * A frame of changes: kept until its unit is whole, then applied in one transaction. What comes while this replica cannot apply is dropped, and
 * asked for when it can. The stream's next frame comes when this one has been dealt with, so a slow disk slows the sender.
 */
export function takeChanges(turn: Turn, event: Extract<ExchangeEvent, { type: "changes" }>): void {
  const { peer, stream: id, dataSet, brings, final } = event;
  const stream = streamOf(turn.state, peer, id);
  if (stream === undefined) return;
  if (turn.state.replicas[dataSet] === undefined) return readOn(turn, id);
  hear(turn, peer, id, dataSet);
  editLink(turn, peer, dataSet, { movedAtMs: turn.nowMs });
  if (isHolding(replicaOf(turn, dataSet), turn.nowMs)) {
    discard(turn, peer, id, dataSet);
    noteDropped(turn, peer, dataSet);
    return readOn(turn, id);
  }
  const unit: IncomingUnit = { brings: joined(stream.units[dataSet]?.brings ?? {}, brings) };
  turn.effects.push({ type: "keep", stream: id, dataSet });
  if (!final) {
    editUnit(turn, peer, id, dataSet, unit);
    return readOn(turn, id);
  }
  editUnit(turn, peer, id, dataSet, { ...unit, applying: { sinceMs: turn.nowMs, schemaRetries: 0, retryAtMs: null } });
  turn.effects.push({ type: "apply", stream: id, dataSet });
}

export function takeApplied(turn: Turn, event: Extract<ExchangeEvent, { type: "applied" }>): void {
  const { peer, stream: id, dataSet, outcome, view } = event;
  if (turn.state.replicas[dataSet] === undefined) return;
  const unit = streamOf(turn.state, peer, id)?.units[dataSet];
  // First of all, or what the peer has just brought would go back to it.
  if (unit !== undefined && outcome.kind === "applied") {
    editLink(turn, peer, dataSet, { outgoing: withoutEcho(linkOf(turn.state, peer, dataSet).outgoing, unit.brings) });
  }
  noteView(turn, dataSet, view);
  if (unit === undefined) {
    // The stream was lost meanwhile; what is in the file is in the file.
    if (outcome.kind === "applied") acknowledge(turn, dataSet);
    return;
  }
  if (triesAgain(turn, event, unit)) return;
  editLink(turn, peer, dataSet, { movedAtMs: turn.nowMs });
  discard(turn, peer, id, dataSet);
  switch (outcome.kind) {
    case "applied":
      acknowledge(turn, dataSet);
      return readOn(turn, id);
    case "missing":
      askForMissing(turn, peer, dataSet);
      return readOn(turn, id);
    case "broken":
      report(turn, { kind: "replication.refused", dataSet, reason: `${peer} sent changes that cannot be: ${outcome.reason}` });
      turn.effects.push({ type: "turn-away", stream: id, reason: outcome.reason });
      return drop(turn, peer, id, outcome.reason);
    case "locked":
    case "schema-moved":
    case "failed":
      hold(turn, id, dataSet);
      noteDropped(turn, peer, dataSet);
      return readOn(turn, id);
  }
}

/** Units that a lock holds up are tried again, and once it has lasted too long given up. */
export function applyWhatIsDue(turn: Turn): void {
  for (const peer of peersOf(turn.state)) {
    for (const { id, units } of peerOf(turn.state, peer).streams) {
      for (const [dataSet, unit] of Object.entries(units)) {
        const { applying } = unit;
        if (applying === undefined || applying.retryAtMs === null || turn.nowMs < applying.retryAtMs) continue;
        if (replicaOf(turn, dataSet).view.following) {
          editUnit(turn, peer, id, dataSet, { ...unit, applying: { ...applying, retryAtMs: null } });
          turn.effects.push({ type: "apply", stream: id, dataSet });
        } else {
          giveUpUnit(turn, peer, id, dataSet);
          noteDropped(turn, peer, dataSet);
        }
      }
    }
  }
}

/** A lock passes, and tables that were changed are known now. */
function triesAgain(
  turn: Turn,
  { peer, stream, dataSet, outcome }: Extract<ExchangeEvent, { type: "applied" }>,
  unit: IncomingUnit,
): boolean {
  const { applying } = unit;
  if (applying === undefined) return false;
  const { settings } = turn.state;
  if (outcome.kind === "schema-moved" && applying.schemaRetries < settings.schemaRetriesMax) {
    editUnit(turn, peer, stream, dataSet, { ...unit, applying: { ...applying, schemaRetries: applying.schemaRetries + 1 } });
    turn.effects.push({ type: "apply", stream, dataSet });
    return true;
  }
  if (outcome.kind !== "locked" || turn.nowMs - applying.sinceMs >= settings.lockedPatienceMs) return false;
  editUnit(turn, peer, stream, dataSet, { ...unit, applying: { ...applying, retryAtMs: turn.nowMs + settings.lockedRetryMs } });
  return true;
}

/** Asked for at once; and not again for every frame that follows, since what is sent anew takes its time. */
function askForMissing(turn: Turn, peer: NodeId, dataSet: string): void {
  const { askedForMissingAtMs } = replicaOf(turn, dataSet);
  if (turn.nowMs - askedForMissingAtMs < turn.state.settings.missingPatienceMs) return;
  editReplica(turn, dataSet, { askedForMissingAtMs: turn.nowMs });
  tell(turn, peer, dataSet, true);
}

function acknowledge(turn: Turn, dataSet: string): void {
  tellSoon(turn, dataSet);
  moved(turn, dataSet);
}

function hold(turn: Turn, stream: StreamId, dataSet: string): void {
  const untilMs = turn.nowMs + turn.state.settings.holdMs;
  editReplica(turn, dataSet, { holdUntilMs: untilMs });
  turn.effects.push({ type: "hold", stream, dataSet, untilMs });
}

/** Where the replica cannot apply, every peer has to know; where it can again already, the peer is asked at once. */
function noteDropped(turn: Turn, peer: NodeId, dataSet: string): void {
  editLink(turn, peer, dataSet, { dropped: true });
  if (isHolding(replicaOf(turn, dataSet), turn.nowMs)) tellWhetherHolding(turn, dataSet);
  else tell(turn, peer, dataSet);
}

function editUnit(turn: Turn, peer: NodeId, id: StreamId, dataSet: string, unit: IncomingUnit): void {
  editStream(turn, peer, id, { units: { ...streamOf(turn.state, peer, id)?.units, [dataSet]: unit } });
}

/** The unit will not be applied any more; the stream goes on. */
export function giveUpUnit(turn: Turn, peer: NodeId, id: StreamId, dataSet: string): void {
  const isApplying = streamOf(turn.state, peer, id)?.units[dataSet]?.applying !== undefined;
  discard(turn, peer, id, dataSet);
  if (isApplying) readOn(turn, id);
}

function discard(turn: Turn, peer: NodeId, id: StreamId, dataSet: string): void {
  const { [dataSet]: unit, ...others } = streamOf(turn.state, peer, id)?.units ?? {};
  if (unit === undefined) return;
  editStream(turn, peer, id, { units: others });
  turn.effects.push({ type: "discard", stream: id, dataSet });
}

function readOn(turn: Turn, stream: StreamId): void {
  turn.effects.push({ type: "read-on", stream });
}
