import type { NodeId } from "../ids.ts";
import type { ExchangeState, ReplicaState } from "./exchange-state.ts";
import { editReplica, replicaOf, streamOf, type Turn } from "./exchange-turn.ts";
import type { AgeMatrix } from "./pulse.ts";
import type { VersionVector } from "./replication-status.ts";
import { covers } from "./version-vector.ts";

/** A peer's word of a moment: once all that it had then is on this node's disk too, this node shows nothing older than the peer did. */
export interface Tick {
  readonly atMs: number;
  readonly vector: VersionVector;
  /** How old what the peer showed of each node was at that moment. */
  readonly ages: Readonly<Record<NodeId, number>>;
}

/** The instants, by this node's monotonic clock, as of which a node shows each other one. */
export type ShownAsOf = Readonly<Record<NodeId, number>>;

/** So many moments of one peer wait at most: of a replica that does not catch up the older ones tell as much. */
const ticksMax = 8;

/** A pulse has come that was sent at `sentAtMs` by this node's monotonic clock; the peer's last word on that stream says what it had. */
export function noteTick(
  turn: Turn,
  { peer, stream, sentAtMs }: { readonly peer: NodeId; readonly stream: number; readonly sentAtMs: number },
  ages: Readonly<Record<string, AgeMatrix>>,
): void {
  for (const [dataSet, matrix] of Object.entries(ages)) {
    const replica = turn.state.replicas[dataSet];
    const word = streamOf(turn.state, peer, stream)?.words[dataSet];
    if (replica === undefined || word === undefined || word.lineage === null || word.lineage !== replica.view.lineage) continue;
    const rows: Record<NodeId, ShownAsOf> = { ...replica.othersShowAsOf };
    for (const [node, told] of Object.entries(matrix) as [NodeId, AgeMatrix[NodeId]][]) {
      if (node === turn.state.self) continue;
      // Of what is passed on, whatever says the least age is true; of itself a peer says what is.
      rows[node] = latest(node === peer ? {} : (rows[node] ?? {}), instantsOf(told, sentAtMs));
    }
    const row = matrix[peer] ?? {};
    const waiting = replica.ticks[peer] ?? [];
    const ticks = waiting.length >= ticksMax ? waiting : [...waiting, { atMs: sentAtMs, vector: word.vector, ages: row }];
    editReplica(turn, dataSet, { othersShowAsOf: rows, ticks: { ...replica.ticks, [peer]: ticks } });
    settleAges(turn, dataSet);
  }
}

/** What has come to this node's disk may have caught up with what others had at some moment. */
export function settleAges(turn: Turn, dataSet: string): void {
  const { view, ticks, shownAsOf } = replicaOf(turn, dataSet);
  const passed = (Object.entries(ticks) as [NodeId, readonly Tick[]][]).flatMap(([peer, waiting]) =>
    waiting.filter(({ vector }) => covers(view.durable, vector)).map((tick) => ({ peer, tick })),
  );
  if (passed.length === 0) return;
  const asOf = passed.reduce((sum, { peer, tick }) => latest(sum, instantsOf({ ...tick.ages, [peer]: 0 }, tick.atMs)), shownAsOf);
  const left = Object.fromEntries(
    Object.entries(ticks).map(([peer, waiting]) => [peer, waiting.filter(({ vector }) => !covers(view.durable, vector))]),
  );
  editReplica(turn, dataSet, { shownAsOf: asOf, ticks: left });
}

/** How old what each node shows of each other one is: what this one shows, and what the others were told to show last. A pair of which nothing is known is left out. */
export function ageMatrix({ self, order }: ExchangeState, { shownAsOf, othersShowAsOf }: ReplicaState, nowMs: number): AgeMatrix {
  const rows = Object.entries({ ...othersShowAsOf, [self]: shownAsOf }) as [NodeId, ShownAsOf][];
  return Object.fromEntries(
    rows.flatMap(([node, asOf]) => {
      if (!order.includes(node)) return [];
      const shown = (Object.entries(asOf) as [NodeId, number][]).filter(([origin]) => origin !== node && order.includes(origin));
      return [[node, Object.fromEntries(shown.map(([origin, atMs]) => [origin, Math.max(0, Math.round(nowMs - atMs))]))]];
    }),
  );
}

export function ageMatrices(state: ExchangeState, nowMs: number): Record<string, AgeMatrix> {
  return Object.fromEntries(Object.entries(state.replicas).map(([dataSet, replica]) => [dataSet, ageMatrix(state, replica, nowMs)]));
}

function instantsOf(ages: Readonly<Record<NodeId, number>>, atMs: number): ShownAsOf {
  return Object.fromEntries((Object.entries(ages) as [NodeId, number][]).map(([node, ageMs]) => [node, atMs - ageMs]));
}

function latest(one: ShownAsOf, other: ShownAsOf): ShownAsOf {
  const result: Record<NodeId, number> = { ...one };
  for (const [node, atMs] of Object.entries(other) as [NodeId, number][]) result[node] = Math.max(result[node] ?? atMs, atMs);
  return result;
}
