import { exchangeSettings, exchangeTickMs } from "../../../../shared/config/replication.ts";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { exchange } from "../../../../shared/domain/replication/exchange.ts";
import type { ExchangeEvent } from "../../../../shared/domain/replication/exchange-events.ts";
import { type ExchangeState, initialExchange } from "../../../../shared/domain/replication/exchange-state.ts";
import { type RingReport, ringReport } from "../../../../shared/domain/replication/ring-report.ts";
import { type GivenStanding, givenStanding } from "../../../../shared/domain/replication/withholding.ts";

export const dataSet = "application";
const delayMs = 3;
const startWallMs = 1_795_000_000_000;

export interface Told {
  readonly by: NodeId;
  readonly detail: EventDetail;
}

/** The exchanges of some nodes, each with a monotonic clock of its own, over lines that lose nothing. What they read of their logs is never sent. */
export class TalkingNodes {
  readonly nodes: readonly NodeId[];
  readonly told: Told[] = [];
  /** By how much each node's wall clock is ahead of the truth. */
  readonly aheadMs = new Map<NodeId, number>();
  readonly #lines: readonly (readonly [NodeId, NodeId])[];
  readonly #states = new Map<NodeId, ExchangeState>();
  /** What is in each node's file. */
  readonly #vectors = new Map<NodeId, Record<OriginId, number>>();
  #arriving: { readonly atMs: number; readonly to: NodeId; readonly event: ExchangeEvent }[] = [];
  #nowMs = 0;

  /** `lines`: the pairs that talk; absent: all. */
  constructor(count: number, lines?: readonly (readonly [number, number])[]) {
    this.nodes = ["node_a", "node_b", "node_c", "node_d", "node_e"].slice(0, count) as NodeId[];
    const all = this.nodes.flatMap((_, one) => this.nodes.slice(one + 1).map((__, more) => [one, one + 1 + more] as const));
    this.#lines = (lines ?? all).map(([one, other]) => [this.node(one), this.node(other)] as const);
    for (const node of this.nodes) this.#states.set(node, initialExchange(node, this.nodes, exchangeSettings, this.#monotonicOf(node)));
    for (const node of this.nodes) this.writes(node, 0);
    for (const [stream, [one, other]] of this.#lines.entries()) {
      this.#take(one, { type: "opened", peer: other, stream, openedBy: "self", path: null });
      this.#take(other, { type: "opened", peer: one, stream, openedBy: "peer", path: null });
    }
  }

  node(index: number): NodeId {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** The application on a node commits so many changes. */
  writes(node: NodeId, changes: number): void {
    this.applies(node, node, changes);
  }

  /** So many more changes of `origin` are in a node's file. */
  applies(node: NodeId, origin: NodeId, changes: number): void {
    const id = `${origin}:1` as OriginId;
    const before = this.#vectors.get(node) ?? {};
    const vector = changes === 0 ? before : { ...before, [id]: (before[id] ?? 0) + changes };
    this.#vectors.set(node, vector);
    const logEnd = Object.values(vector).reduce((sum, seq) => sum + seq, 0);
    const rest = { schema: "", opening: 1, conflicts: 0, openConflicts: 0, held: {}, pruned: {}, settled: {}, sealed: 0, logEnd };
    const view = { path: "the file", following: true, lineage: "one", vector, durable: vector, origin: `${node}:1` as OriginId, ...rest };
    this.#take(node, { type: "replica", dataSet, view: { ...view, whenSkewed: "inhibit" } });
  }

  declare(skewMsMax: number): void {
    for (const node of this.nodes) this.#take(node, { type: "document", order: this.nodes, skewMsMax });
  }

  release(node: NodeId): void {
    this.#take(node, { type: "release-withheld" });
  }

  /** Whose heartbeats a node hears. */
  hears(node: NodeId, peers: readonly NodeId[]): void {
    this.#take(node, { type: "heard", peers: Object.fromEntries(peers.map((peer) => [peer, []])) });
  }

  passes(ms: number): void {
    for (const untilMs = this.#nowMs + ms; this.#nowMs < untilMs; ) {
      this.#nowMs += 1;
      const due = this.#arriving.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#arriving = this.#arriving.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { to, event } of due) this.#take(to, event);
      if (this.#nowMs % exchangeTickMs !== 0) continue;
      for (const node of this.nodes) this.#take(node, { type: "tick", silentMs: {}, wallMs: this.#wallOf(node) });
    }
  }

  given(node: NodeId): GivenStanding | null {
    return givenStanding(this.#stateOf(node), dataSet);
  }

  withheld(node: NodeId): number {
    return this.given(node)?.withheld ?? 0;
  }

  report(node: NodeId): RingReport {
    return ringReport(this.#stateOf(node), { own: "UTC", zones: new Map() }, this.#monotonicOf(node));
  }

  of<Kind extends EventDetail["kind"]>(kind: Kind): readonly (Extract<EventDetail, { kind: Kind }> & { readonly by: NodeId })[] {
    return this.told.flatMap(({ by, detail }) =>
      detail.kind === kind ? [{ ...(detail as Extract<EventDetail, { kind: Kind }>), by }] : [],
    );
  }

  #take(node: NodeId, event: ExchangeEvent): void {
    const { state, effects } = exchange(this.#stateOf(node), event, this.#monotonicOf(node));
    this.#states.set(node, state);
    for (const effect of effects) {
      if (effect.type === "report") this.told.push({ by: node, detail: effect.detail });
      if (effect.type === "send-word") {
        const { stream, word } = effect;
        this.#send(node, stream, (peer) => ({ type: "word", peer, stream, dataSet, word }));
      }
      if (effect.type === "send-pulse") {
        const { stream, pulse } = effect;
        const wallMs = this.#wallOf(node);
        this.#send(node, stream, (peer) => ({ type: "pulse", peer, stream, wallMs, pulse }));
      }
    }
  }

  #send(from: NodeId, stream: number, make: (peer: NodeId) => ExchangeEvent): void {
    const line = this.#lines[stream];
    if (line === undefined) return;
    const [one, other] = line;
    this.#arriving.push({ atMs: this.#nowMs + delayMs, to: from === one ? other : one, event: make(from) });
  }

  #stateOf(node: NodeId): ExchangeState {
    const state = this.#states.get(node);
    if (state === undefined) throw new Error(`there is no ${node}`);
    return state;
  }

  /** Machines were started at different times. */
  #monotonicOf(node: NodeId): number {
    return this.#nowMs + (this.nodes.indexOf(node) + 1) * 1_000_000;
  }

  #wallOf(node: NodeId): number {
    return startWallMs + this.#nowMs + (this.aheadMs.get(node) ?? 0);
  }
}
