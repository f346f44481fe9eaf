import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { pathNames } from "./cluster.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SwarmOptions } from "./swarm.ts";

/**
 * Loses, delays, repeats and reorders; cuts are by direction, of all paths between two nodes or of one. Each kind of chance has a stream of its own, and
 * so has each further path.
 */
export class Network {
  readonly #options: SwarmOptions;
  readonly #queue: EventQueue;
  readonly #chances: ReadonlyMap<PathName, Chances>;
  readonly #cuts = new Set<string>();
  readonly #pathCuts = new Set<string>();
  readonly #lostWays = new Set<string>();
  readonly #filtered = new Set<string>();
  #isHealed = false;

  constructor(options: SwarmOptions, queue: EventQueue) {
    this.#options = options;
    this.#queue = queue;
    this.#chances = new Map(pathNames(options).map((path) => [path, chancesOf(options.seed, path)]));
  }

  get paths(): readonly PathName[] {
    return [...this.#chances.keys()];
  }

  /** Carries something from one node to another by one path, once, never, or more often. */
  carry(nowUs: number, from: NodeId, to: NodeId, path: PathName, deliver: () => void): void {
    const chances = this.#chances.get(path);
    if (chances === undefined) throw new Error(`the simulation has no path ${path}`);
    const isLost = chances.loss.chance(this.#options.lossRate) && !this.#isHealed;
    const copies = chances.repeat.chance(this.#options.repeatRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayUs = this.#delayUs(chances.delay);
      if (!isLost && !this.#isCut(from, to, path)) this.#queue.at(nowUs + delayUs, deliver);
    }
  }

  #isCut(from: NodeId, to: NodeId, path: PathName): boolean {
    const way = `${from} ${to}`;
    return this.#filtered.has(way) || this.#cuts.has(way) || this.#lostWays.has(way) || this.#pathCuts.has(`${way} ${path}`);
  }

  /** Each is found by the other on the LAN, whether or not a firewall lets messages pass. */
  canFind(one: NodeId, other: NodeId): boolean {
    return [`${one} ${other}`, `${other} ${one}`].every((way) => !this.#cuts.has(way) && !this.#lostWays.has(way));
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
    this.#pathCuts.add(`${from} ${to} ${path}`);
  }

  mendPath(from: NodeId, to: NodeId, path: PathName): void {
    this.#pathCuts.delete(`${from} ${to} ${path}`);
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from} ${to}`);
  }

  mend(from: NodeId, to: NodeId): void {
    this.#cuts.delete(`${from} ${to}`);
  }

  /** Messages are dropped, and nothing else. */
  filter(from: NodeId, to: NodeId): void {
    this.#filtered.add(`${from} ${to}`);
  }

  unfilter(from: NodeId, to: NodeId): void {
    this.#filtered.delete(`${from} ${to}`);
  }

  /** Cut, and never mended. */
  loseWay(from: NodeId, to: NodeId): void {
    this.#lostWays.add(`${from} ${to}`);
  }

  /** From now on every message arrives, once and soon. What is under way still arrives late. */
  heal(): void {
    this.#cuts.clear();
    this.#filtered.clear();
    this.#pathCuts.clear();
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
