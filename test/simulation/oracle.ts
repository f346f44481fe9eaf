import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeState } from "../../shared/domain/failover/step.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { shortName } from "./cluster.ts";
import { GroupOracle } from "./group-oracle.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** Two kinds of wrong, never mixed: something happened that never may; something did not happen that must. */
export interface Violation {
  readonly verdict: "unsafe" | "notRecovered";
  /** The invariant's name in the design: S1, S4, L1, ... */
  readonly rule: string;
  readonly atUs: number;
  readonly what: string;
}

/** Sees true time and what really runs, not what nodes believe. Each group is judged by itself. */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly #world: World;
  readonly #groups: ReadonlyMap<GroupName, GroupOracle>;

  constructor(world: World) {
    this.#world = world;
    this.#groups = new Map(world.groupNames.map((group) => [group, new GroupOracle(world, this, group)]));
  }

  of(group: GroupName): GroupOracle {
    const oracle = this.#groups.get(group);
    if (oracle === undefined) throw new Error(`the simulation has no group ${group}`);
    return oracle;
  }

  sent(from: Host, message: PeerMessage): void {
    if (message.type === "lease-grant") this.of(message.group).promised(from, message.epoch);
  }

  watch(host: Host, before: NodeState, after: NodeState): void {
    for (const [group, oracle] of this.#groups) {
      const [was, is] = [before.groups[group], after.groups[group]];
      if (was !== undefined && is !== undefined && was !== is) oracle.watch(host, was, is);
    }
  }

  look(): void {
    for (const oracle of this.#groups.values()) oracle.look();
  }

  /** Everything was healed long ago. */
  finish(): void {
    const { hosts } = this.#world;
    const newest = hosts.map((host) => host.document).toSorted((a, b) => b.version - a.version)[0];
    if (newest === undefined) return;
    for (const oracle of this.#groups.values()) oracle.finish(newest);
    for (const host of hosts) {
      const isMember = newest.nodes.some(({ nodeId }) => nodeId === host.id);
      if (isMember && host.document.version !== newest.version) {
        this.violate("notRecovered", "L4", `${shortName(host.id)} has an old document`);
      }
    }
  }

  get takeovers(): number {
    return [...this.#groups.values()].reduce((sum, { takeovers }) => sum + takeovers, 0);
  }

  get vainMax(): number {
    return Math.max(...[...this.#groups.values()].map(({ vainMax }) => vainMax));
  }

  violate(verdict: Violation["verdict"], rule: string, what: string): void {
    this.violations.push({ verdict, rule, atUs: this.#world.nowUs, what });
    this.#world.log(null, `VIOLATION ${rule} (${verdict}): ${what}`);
  }
}
