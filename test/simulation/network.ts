import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { pathNames } from "./cluster.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SwarmOptions } from "./swarm.ts";
import { Ways } from "./ways.ts";

/**
 * Loses, delays, repeats and reorders; cuts are by direction, of all paths between two nodes or of one. Each kind of chance has a stream of its own, and
 * so has each further path.
 */
export class Network {
  readonly #options: SwarmOptions;
  readonly #queue: EventQueue;
  readonly paths: readonly PathName[];
  readonly #chances: ReadonlyMap<PathName, Chances>;
  readonly #cuts = new Ways();
  readonly #filtered = new Ways();
  readonly #pathCuts: ReadonlyMap<PathName, Ways>;
  readonly #lostWays = new Ways();
  #late: readonly { readonly from: NodeId; readonly to: NodeId; readonly byUs: number }[] = [];
  #isHealed = false;

  constructor(options: SwarmOptions, queue: EventQueue) {
    this.#options = options;
    this.#queue = queue;
    this.paths = pathNames(options);
    this.#chances = new Map(this.paths.map((path) => [path, chancesOf(options.seed, path)]));
    this.#pathCuts = new Map(this.paths.map((path) => [path, new Ways()]));
  }

  /** Carries something from one node to another by one path, once, never, or more often. */
  carry(nowUs: number, from: NodeId, to: NodeId, path: PathName, deliver: () => void): void {
    const chances = this.#chances.get(path);
    if (chances === undefined) throw new Error(`the simulation has no path ${path}`);
    const isLost = chances.loss.chance(this.#options.lossRate) && !this.#isHealed;
    const copies = chances.repeat.chance(this.#options.repeatRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayUs = this.#delayUs(chances.delay) + this.#laterUs(from, to);
      if (!isLost && !this.#isCut(from, to, path)) this.#queue.at(nowUs + delayUs, deliver);
    }
  }

  #isCut(from: NodeId, to: NodeId, path: PathName): boolean {
    return this.#isWayCut(from, to) || this.#filtered.has(from, to) || this.#pathCuts.get(path)?.has(from, to) === true;
  }

  #isWayCut(from: NodeId, to: NodeId): boolean {
    return this.#cuts.has(from, to) || this.#lostWays.has(from, to);
  }

  /** Each is found by the other on the LAN, whether or not a firewall lets messages pass. */
  canFind(one: NodeId, other: NodeId): boolean {
    return !this.#isWayCut(one, other) && !this.#isWayCut(other, one);
  }

  /** A path from one to the other that works, if there is one. */
  wayFrom(from: NodeId, to: NodeId): PathName | undefined {
    return this.paths.find((path) => !this.#isCut(from, to, path));
  }

  /** Each reaches the other, be it by different paths. */
  canTalk(one: NodeId, other: NodeId): boolean {
    return this.wayFrom(one, other) !== undefined && this.wayFrom(other, one) !== undefined;
  }

  cutPath(from: NodeId, to: NodeId, path: PathName): void {
    this.#pathCuts.get(path)?.add(from, to);
  }

  mendPath(from: NodeId, to: NodeId, path: PathName): void {
    this.#pathCuts.get(path)?.delete(from, to);
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(from, to);
  }

  mend(from: NodeId, to: NodeId): void {
    this.#cuts.delete(from, to);
  }

  /** Messages are dropped, and nothing else. */
  filter(from: NodeId, to: NodeId): void {
    this.#filtered.add(from, to);
  }

  unfilter(from: NodeId, to: NodeId): void {
    this.#filtered.delete(from, to);
  }

  /** What is sent this way comes later by so much. */
  makeLate(from: NodeId, to: NodeId, byUs: number): void {
    this.#late = [...this.#late.filter((way) => way.from !== from || way.to !== to), { from, to, byUs }];
  }

  #laterUs(from: NodeId, to: NodeId): number {
    return this.#late.find((way) => way.from === from && way.to === to)?.byUs ?? 0;
  }

  /** Cut, and never mended. */
  loseWay(from: NodeId, to: NodeId): void {
    this.#lostWays.add(from, to);
  }

  /** From now on every message arrives, once and soon. What is under way still arrives late. */
  heal(): void {
    this.#cuts.clear();
    this.#filtered.clear();
    this.#late = [];
    for (const cuts of this.#pathCuts.values()) cuts.clear();
    this.#isHealed = true;
  }

  #delayUs(chance: SeededRandom): number {
    const meanUs = this.#isHealed ? 500 : this.#options.meanDelayUs;
    const isClogged = !this.#isHealed && this.#options.on.has("delay") && chance.chance(0.002);
    const delayUs = Math.round(100 + chance.exponential(meanUs));
    return isClogged ? delayUs * 50 : delayUs;
  }
}

interface Chances {
  readonly loss: SeededRandom;
  readonly delay: SeededRandom;
  readonly repeat: SeededRandom;
}

function chancesOf(seed: number, path: PathName): Chances {
  const stream = (kind: string): SeededRandom => new SeededRandom(seed, path === mainPath ? kind : `${kind} on ${path}`);
  return { loss: stream("loss"), delay: stream("delay"), repeat: stream("repeat") };
}
