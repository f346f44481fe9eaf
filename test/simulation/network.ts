import type { NodeId } from "../../shared/domain/ids.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SwarmOptions } from "./swarm.ts";

/** Loses, delays, repeats and reorders; cuts are by direction. Each kind of chance has a stream of its own. */
export class Network {
  readonly #options: SwarmOptions;
  readonly #queue: EventQueue;
  readonly #loss: SeededRandom;
  readonly #delay: SeededRandom;
  readonly #repeat: SeededRandom;
  readonly #cuts = new Set<string>();
  #isHealed = false;

  constructor(options: SwarmOptions, queue: EventQueue) {
    this.#options = options;
    this.#queue = queue;
    this.#loss = new SeededRandom(options.seed, "loss");
    this.#delay = new SeededRandom(options.seed, "delay");
    this.#repeat = new SeededRandom(options.seed, "repeat");
  }

  /** Carries something from one node to another, once, never, or more often. */
  carry(nowUs: number, from: NodeId, to: NodeId, deliver: () => void): void {
    const isLost = this.#loss.chance(this.#options.lossRate) && !this.#isHealed;
    const copies = this.#repeat.chance(this.#options.repeatRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayUs = this.#delayUs();
      if (!isLost && !this.isCut(from, to)) this.#queue.at(nowUs + delayUs, deliver);
    }
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cuts.has(`${from} ${to}`);
  }

  canTalk(one: NodeId, other: NodeId): boolean {
    return !this.isCut(one, other) && !this.isCut(other, one);
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from} ${to}`);
  }

  mend(from: NodeId, to: NodeId): void {
    this.#cuts.delete(`${from} ${to}`);
  }

  /** From now on every message arrives, once and soon. What is under way still arrives late. */
  heal(): void {
    this.#cuts.clear();
    this.#isHealed = true;
  }

  #delayUs(): number {
    const meanUs = this.#isHealed ? 500 : this.#options.meanDelayUs;
    const isClogged = !this.#isHealed && this.#options.on.has("delay") && this.#delay.chance(0.002);
    const delayUs = Math.round(100 + this.#delay.exponential(meanUs));
    return isClogged ? delayUs * 50 : delayUs;
  }
}
