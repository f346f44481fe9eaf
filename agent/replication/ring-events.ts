import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { skewMsMaxOf } from "../../shared/domain/replication/data-set-rules.ts";
import type { ExchangeEvent } from "../../shared/domain/replication/exchange-events.ts";
import type { ExchangeState, StreamId } from "../../shared/domain/replication/exchange-state.ts";
import type { FrameOf, ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { highestOf } from "./log-readings.ts";
import type { Replica } from "./replica.ts";

export function orderOf(document: ClusterDocument): readonly NodeId[] {
  return document.nodes.map(({ nodeId }) => nodeId);
}

export function documentEvent(document: ClusterDocument): ExchangeEvent {
  return { type: "document", order: orderOf(document), skewMsMax: skewMsMaxOf(document.dataSets) };
}

/** What is new of the data sets' files since the exchange heard of them last. */
export function replicaEvents(known: ExchangeState["replicas"], replicas: readonly Replica[]): readonly ExchangeEvent[] {
  const gone = Object.keys(known).filter((dataSet) => replicas.every(({ name }) => name !== dataSet));
  const changed = replicas.filter(({ name, view }) => known[name]?.view !== view);
  return [
    ...gone.map((dataSet) => ({ type: "replica", dataSet, view: null }) as const),
    ...changed.map(({ name, view }) => ({ type: "replica", dataSet: name, view }) as const),
  ];
}

/** What a frame of a ring stream says; undefined where such a stream carries none of its type. */
export function frameEvent(
  frame: ReplicationFrame,
  about: { readonly peer: NodeId; readonly stream: StreamId },
): ExchangeEvent | undefined {
  if (frame.type === "state") {
    const { type: _type, dataSet, ...word } = frame;
    return { type: "word", ...about, dataSet, word };
  }
  if (frame.type === "pulse") {
    const { type: _type, zone: _zone, wallMs, ...pulse } = frame;
    return { type: "pulse", ...about, wallMs, pulse };
  }
  if (frame.type !== "changes") return undefined;
  return { type: "changes", ...about, dataSet: frame.dataSet, brings: highestOf(changesIn(frame)), final: frame.final };
}

function* changesIn({ origins, changes }: FrameOf<"changes">) {
  for (const [position, seq] of changes) {
    const origin = origins[position];
    // A position that the frame does not carry is found when the frame is applied, and told then.
    if (origin !== undefined) yield { origin, seq };
  }
}
