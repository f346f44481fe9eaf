import { failoverSettings } from "../../shared/config/timing.ts";
import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeState } from "../../shared/domain/failover/step.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import { majorityOf, nodeVotersOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { eventDetailSchema } from "../../shared/protocol/event-schema.ts";
import { shortName } from "./cluster.ts";
import { GroupOracle } from "./group-oracle.ts";
import type { Host } from "./host.ts";
import { NameOracle } from "./name-oracle.ts";
import { saidUnkept } from "./said-unkept.ts";
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
  witnessRequests = 0;
  readonly names: NameOracle;
  readonly #world: World;
  readonly #groups: ReadonlyMap<GroupName, GroupOracle>;

  constructor(world: World) {
    this.#world = world;
    this.names = new NameOracle(world, (verdict, rule, what) => this.violate(verdict, rule, what));
    this.#groups = new Map(world.groupNames.map((group) => [group, new GroupOracle(world, this, group)]));
  }

  of(group: GroupName): GroupOracle {
    const oracle = this.#groups.get(group);
    if (oracle === undefined) throw new Error(`the simulation has no group ${group}`);
    return oracle;
  }

  sent(from: Host, to: NodeId, message: PeerMessage): void {
    if (message.type === "lease-request" && to === this.#world.witness?.id) this.asksWitness(from);
    const unkept = saidUnkept(message, from.disk.record);
    if (unkept !== null) this.violate("unsafe", "F2", `${shortName(from.id)} says what its disk does not hold: ${unkept}`);
    if (message.type === "lease-grant") this.of(message.group).promised(from, message.to, message.epoch);
  }

  /** L6: what the control plane would refuse is lost, with the alert that it is. */
  told(host: Host, detail: EventDetail): void {
    const read = eventDetailSchema.safeParse(detail);
    if (read.success) return;
    const [issue] = read.error.issues;
    this.violate(
      "unsafe",
      "L6",
      `${shortName(host.id)} tells a ${detail.kind} that nobody can read: ${issue?.path.join(".")}: ${issue?.message}`,
    );
  }

  /** Nodes that were not paused meanwhile hear what they are sent. */
  heard(host: Host, from: Host, message: PeerMessage): void {
    if (message.type !== "heartbeat" || host.process !== "running") return;
    for (const told of message.groups) this.#groups.get(told.group)?.heard(host, from, told);
  }

  /** Its disk is that of an earlier time. */
  putBack(host: Host): void {
    for (const oracle of this.#groups.values()) oracle.putBack(host);
  }

  /** Its machine stood still. */
  wentOn(host: Host): void {
    for (const oracle of this.#groups.values()) oracle.wentOn(host);
  }

  /** The witness is there for need: a healthy cluster asks it for nothing, not even while it moves a group. */
  asksWitness(from: Host): void {
    this.witnessRequests += 1;
    const { options, isHealed, lost, nowUs } = this.#world;
    if (lost.size > 0) return;
    // Long promises of before bind voters for longer than anything else does.
    const boundMs = options.on.has("detach") ? failoverSettings.longPromiseMsMax : failoverSettings.leaseMsMax;
    const settledAtUs = options.healAtUs + (boundMs + 2_000 + 4 * options.timing.leaseMs) * 1_000;
    const voters = votersOf(from.document).length;
    // A single voting node beside a witness, on its way to more or to none, needs its vote for everything.
    if (nodeVotersOf(from.document).length < majorityOf(voters)) return;
    if (isHealed && nowUs > settledAtUs) this.violate("notRecovered", "W1", `${shortName(from.id)} asks the witness in a healthy cluster`);
  }

  watch(host: Host, before: NodeState, after: NodeState): void {
    if (before.groups === after.groups) return;
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
    this.names.finish(newest);
    for (const host of hosts) {
      const isMember = newest.nodes.some(({ nodeId }) => nodeId === host.id);
      if (isMember && !this.#world.lost.has(host) && host.document.version !== newest.version) {
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
