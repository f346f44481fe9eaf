import type { NodeId } from "../../../shared/domain/ids.ts";
import type { Word } from "../../../shared/domain/replication/exchange-state.ts";
import type { Pulse } from "../../../shared/domain/replication/pulse.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { EventQueue } from "../event-queue.ts";
import { Ways } from "../ways.ts";
import type { SimulatedChange } from "./records.ts";

export type SimulatedFrame =
  | { readonly type: "word"; readonly word: Word }
  | { readonly type: "pulse"; readonly wallMs: number; readonly pulse: Pulse }
  | { readonly type: "changes"; readonly changes: readonly SimulatedChange[]; readonly final: boolean };

/** Whoever holds one end of a stream. */
export interface StreamOwner {
  readonly isAlive: boolean;
  frame(end: StreamEnd, frame: SimulatedFrame): void;
  lost(end: StreamEnd, reason: string): void;
}

/** One side of a stream: what has come and waits to be read, and when the other side was heard last. */
export class StreamEnd {
  readonly owner: StreamOwner;
  readonly node: NodeId;
  readonly peer: NodeId;
  other: StreamEnd | undefined;
  isClosed = false;
  isBusy = false;
  heardAtUs: number;
  readonly waiting: SimulatedFrame[] = [];
  /** What is under way to this side, held up where the way is cut. */
  readonly arriving: (SimulatedFrame | "end")[] = [];
  lastArrivalUs = 0;

  constructor(owner: StreamOwner, node: NodeId, peer: NodeId, nowUs: number) {
    this.owner = owner;
    this.node = node;
    this.peer = peer;
    this.heardAtUs = nowUs;
  }
}

/** Streams between the nodes: they keep their order and lose nothing in the middle; they stall while a way is cut, and they break. */
export class Wire {
  readonly #queue: EventQueue;
  readonly #delays: SeededRandom;
  readonly #meanDelayUs: number;
  readonly #cuts = new Ways();
  readonly #ends = new Set<StreamEnd>();
  #isHealed = false;
  nowUs = 0;

  constructor(seed: number, meanDelayMs: number, queue: EventQueue) {
    this.#queue = queue;
    this.#delays = new SeededRandom(seed, "replication delays");
    this.#meanDelayUs = meanDelayMs * 1_000;
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(from, to);
  }

  mend(from: NodeId, to: NodeId): void {
    this.#cuts.delete(from, to);
    this.#release();
  }

  heal(): void {
    this.#cuts.clear();
    this.#isHealed = true;
    this.#release();
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cuts.has(from, to);
  }

  canTalk(one: NodeId, other: NodeId): boolean {
    return !this.isCut(one, other) && !this.isCut(other, one);
  }

  setHealed(isHealed: boolean): void {
    this.#isHealed = isHealed;
  }

  delayUs(): number {
    const meanUs = this.#isHealed ? Math.min(1_000, this.#meanDelayUs) : this.#meanDelayUs;
    return Math.round(100 + this.#delays.exponential(meanUs));
  }

  connect(one: StreamEnd, other: StreamEnd): void {
    one.other = other;
    other.other = one;
    this.#ends.add(one).add(other);
  }

  send(from: StreamEnd, frame: SimulatedFrame): void {
    if (!from.isClosed) this.#convey(from, frame);
  }

  /** This side hears nothing of it any more; the other one is told by the stream's end, after all that was sent before. */
  close(end: StreamEnd): void {
    if (end.isClosed) return;
    this.#convey(end, "end");
    this.forget(end);
  }

  /** This side is gone without a word, as with its machine's power. */
  forget(end: StreamEnd): void {
    end.isClosed = true;
    end.arriving.length = 0;
    end.waiting.length = 0;
    this.#ends.delete(end);
  }

  /** A device on the way forgets the stream: both sides find out, and what was under way is lost. */
  reset(end: StreamEnd): void {
    for (const side of [end, end.other]) if (side !== undefined && !side.isClosed) this.#lose(side, "the connection was reset");
  }

  get openEnds(): readonly StreamEnd[] {
    return [...this.#ends];
  }

  readOn(end: StreamEnd): void {
    end.isBusy = false;
    this.#deliver(end);
  }

  #convey(from: StreamEnd, item: SimulatedFrame | "end"): void {
    const to = from.other;
    if (to === undefined) return;
    if (to.isClosed) return this.#answerForTheDead(from);
    to.arriving.push(item);
    to.lastArrivalUs = Math.max(to.lastArrivalUs, this.nowUs + this.delayUs());
    this.#queue.at(to.lastArrivalUs, () => this.#arrive(to));
  }

  /** One item comes in for each time that this is called, as long as the way is free; the rest is released when it is again. */
  #arrive(end: StreamEnd): void {
    if (end.isClosed || this.isCut(end.peer, end.node)) return;
    const item = end.arriving.shift();
    if (item === undefined) return;
    end.heardAtUs = this.nowUs;
    if (item === "end") return this.#lose(end, "the connection was closed");
    end.waiting.push(item);
    this.#deliver(end);
  }

  #deliver(end: StreamEnd): void {
    while (!end.isBusy && !end.isClosed) {
      const frame = end.waiting.shift();
      if (frame === undefined) return;
      end.owner.frame(end, frame);
    }
  }

  #release(): void {
    for (const end of this.#ends) {
      if (this.isCut(end.peer, end.node)) continue;
      for (let count = end.arriving.length; count > 0; count -= 1) this.#queue.at(this.nowUs + 1_000, () => this.#arrive(end));
    }
  }

  /** Nobody is at the other end any more: whoever answers for that machine says so, if it runs and can be reached. */
  #answerForTheDead(from: StreamEnd): void {
    const to = from.other;
    if (to === undefined || !to.owner.isAlive || !this.canTalk(from.node, from.peer)) return;
    this.#queue.at(this.nowUs + 2 * this.delayUs(), () => {
      if (!from.isClosed) this.#lose(from, "the connection was reset by the peer");
    });
  }

  #lose(end: StreamEnd, reason: string): void {
    this.forget(end);
    end.owner.lost(end, reason);
  }
}
