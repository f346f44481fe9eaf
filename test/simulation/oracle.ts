import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeState } from "../../shared/domain/failover/step.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { isVoter, majorityOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import { groupName, shortName } from "./cluster.ts";
import type { Host } from "./host.ts";
import { isNetworkGood, stableForMs } from "./swarm.ts";
import type { World } from "./world.ts";

/** Two kinds of wrong, never mixed: something happened that never may; something did not happen that must. */
export interface Violation {
  readonly verdict: "unsafe" | "notRecovered";
  /** The invariant's name in the design: S1, S4, L1, ... */
  readonly rule: string;
  readonly atUs: number;
  readonly what: string;
}

function vainCandidaciesMax(nodes: number): number {
  return 2 + 2 * nodes;
}

/** The resources run, or take their own time to start or to be stopped gently: no delay of the lease. */
const served: ReadonlySet<string> = new Set(["starting", "operational", "handing-over"]);

/** Sees true time and what really runs, not what nodes believe. */
export class Oracle {
  readonly violations: Violation[] = [];
  takeovers = 0;
  vainMax = 0;
  readonly #world: World;
  readonly #isNetworkGood: boolean;
  readonly #promised = new Map<NodeId, number>();
  #epoch = 0;
  #starter: Host | null = null;
  /** What the node that started last had of each server's changes. */
  readonly #hadAtStart = new Map<Host, number>();
  #capableSinceUs: number | null = null;
  #vain = 0;
  #vainSinceUs = -1;
  #switchoverFreeAtUs: number | null = null;

  constructor(world: World) {
    this.#world = world;
    this.#isNetworkGood = isNetworkGood(world.options);
  }

  /** S1, S4: resources are about to be started. */
  starting(host: Host, epoch: number): void {
    const others = this.#world.hosts.filter((other) => other !== host && other.resources.isUp);
    for (const other of others) {
      const [here, there] = [shortName(host.id), shortName(other.id)];
      this.#violate("unsafe", "S1", `${here} starts epoch ${epoch} while ${there} still runs epoch ${other.resources.epoch}`);
    }
    // A tenure whose switchover was given up goes on under its epoch.
    const isTakenUpAgain = epoch === this.#epoch && host === this.#starter;
    if (epoch <= this.#epoch && !isTakenUpAgain)
      this.#violate("unsafe", "S4", `${shortName(host.id)} starts epoch ${epoch} after epoch ${this.#epoch}`);
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#starter = host;
    for (const other of this.#world.hosts) this.#hadAtStart.set(other, host.data.has(other));
    this.takeovers += 1;
    this.#vain = 0;
    this.#world.log(host, `resources start under epoch ${epoch}`);
    if (this.#switchoverFreeAtUs !== null) this.#checkSwitchover(this.#switchoverFreeAtUs);
  }

  /** R1: a node says that it took over as planned. Nothing that was written before is missing then. */
  handedOver(host: Host, from: NodeId): void {
    const giver = this.#world.host(from);
    const had = giver === undefined ? 0 : (this.#hadAtStart.get(giver) ?? 0);
    if (giver === undefined || host !== this.#starter || had >= giver.data.written) return;
    const [here, there] = [shortName(host.id), shortName(from)];
    this.#violate("unsafe", "R1", `${here} took over from ${there} as planned with ${had} of its ${giver.data.written} changes`);
  }

  /** S4: what a voter promises never goes back, whatever became of it in between. */
  sent(from: Host, message: PeerMessage): void {
    if (message.type !== "lease-grant") return;
    const before = this.#promised.get(from.id) ?? 0;
    if (message.epoch < before) this.#violate("unsafe", "S4", `${shortName(from.id)} promises epoch ${message.epoch} after ${before}`);
    this.#promised.set(from.id, Math.max(before, message.epoch));
  }

  /** L2, and the log. */
  watch(host: Host, before: NodeState, after: NodeState): void {
    const [was, is] = [before.groups[groupName], after.groups[groupName]];
    if (was === undefined || is === undefined) return;
    if (is.attempts > was.attempts) this.#countVainCandidacy(host);
    if (was.state === is.state) return;
    this.#world.log(host, `${was.state} -> ${is.state}: ${is.reason}`);
    const isLost = is.state === "stepping-down" && /^(lost its majority|its lease was not renewed)/.test(is.reason);
    if (isLost && this.#hadMajority(host)) {
      this.#violate("notRecovered", "L2", `${shortName(host.id)} stepped down with a live majority: ${is.reason}`);
    }
  }

  /** L1, at every look: a majority could talk all the time, and yet the group is not operational. */
  look(): void {
    const { nowUs, options } = this.#world;
    const isServed = this.#world.hosts.some((host) => served.has(host.state?.groups[groupName]?.state ?? ""));
    if (isServed || !this.#isCapable()) {
      this.#capableSinceUs = null;
      return;
    }
    this.#capableSinceUs = Math.max(this.#capableSinceUs ?? nowUs, this.#world.changedAtUs);
    const leaseUs = options.timing.leaseMs * 1_000;
    const boundUs = 2 * leaseUs + (options.nodes * options.timing.rankDelayMs + options.timing.silentAfterMs) * 1_000 + 2 * leaseUs;
    if (nowUs - this.#capableSinceUs <= boundUs) return;
    this.#violate(
      "notRecovered",
      "L1",
      `no node operational for ${(nowUs - this.#capableSinceUs) / 1_000} ms with a majority that can talk`,
    );
    this.#capableSinceUs = null;
  }

  /** A planned switchover is under way in a healthy cluster: the group must not wait for a lease to run out. */
  expectQuickSwitchover(holder: Host): void {
    this.#switchoverFreeAtUs = this.#world.nowUs;
    this.#world.log(holder, "is asked to hand over, nothing being wrong");
  }

  /** L3, L4: everything was healed long ago. */
  finish(): void {
    const { hosts, options } = this.#world;
    const members = new Set(this.#world.hosts.flatMap((host) => host.document.nodes.map((node) => node.nodeId)));
    const newest = hosts.map((host) => host.document).toSorted((a, b) => b.version - a.version)[0];
    const order = newest?.groups[0]?.order ?? [];
    const holders = hosts.filter((host) => host.resources.state === "up").map((host) => host.id);
    if (holders.length !== 1) this.#violate("notRecovered", "L3", `${holders.length} nodes run the group at the end`);
    if (options.failback === "automatic" && holders[0] !== undefined && holders[0] !== order.find((node) => this.#isReady(node))) {
      this.#violate(
        "notRecovered",
        "L3",
        `${shortName(holders[0])} runs the group at the end, not the preferred ${shortName(order[0] ?? ("?" as NodeId))}`,
      );
    }
    for (const host of hosts) {
      const state = host.state?.groups[groupName]?.state;
      if (!members.has(host.id) || !order.includes(host.id)) continue;
      if (state !== "standby" && state !== "operational")
        this.#violate("notRecovered", "L4", `${shortName(host.id)} is still ${state ?? "down"}`);
      if (host.document.version !== newest?.version) this.#violate("notRecovered", "L4", `${shortName(host.id)} has an old document`);
    }
  }

  /** Neither backing off after a failed start, nor only just done with it. */
  #isReady(node: NodeId): boolean {
    const host = this.#world.host(node);
    const run = host?.state?.groups[groupName];
    return (
      host !== undefined &&
      isVoter(host.document, node) &&
      run !== undefined &&
      host.localUs > run.notBeforeUs + (stableForMs + 500) * 1_000
    );
  }

  /** L1: candidates may get in each other's way, but not again and again while nothing else is wrong. */
  #countVainCandidacy(host: Host): void {
    const { changedAtUs, options } = this.#world;
    if (!this.#isNetworkGood && !this.#world.isHealed) return;
    this.#vain = this.#vainSinceUs === changedAtUs ? this.#vain + 1 : 1;
    this.#vainSinceUs = changedAtUs;
    this.vainMax = Math.max(this.vainMax, this.#vain);
    if (this.#vain <= vainCandidaciesMax(options.nodes)) return;
    this.#violate("notRecovered", "L1", `${this.#vain} candidacies in vain, the last of ${shortName(host.id)}, while nothing changed`);
  }

  #checkSwitchover(askedAtUs: number): void {
    this.#switchoverFreeAtUs = null;
    const downAtUs = Math.max(...this.#world.hosts.map((host) => host.resources.downAtUs));
    const gapUs = this.#world.nowUs - downAtUs;
    if (downAtUs >= askedAtUs && gapUs <= this.#world.options.timing.leaseMs * 400) return;
    this.#violate("notRecovered", "L3", `a planned switchover left the group without a holder for ${gapUs / 1_000} ms`);
  }

  /** An eligible node that hears, and is heard by, a majority that may vote. A learner is not eligible, and has no vote. */
  #isCapable(): boolean {
    if (!this.#isNetworkGood && !this.#world.isHealed) return false;
    return this.#world.hosts.some((host) => {
      const { state } = host;
      if (!this.#isUsable(host) || state === null || host.problem !== null) return false;
      const run = state.groups[groupName];
      if (run === undefined || host.localUs < run.notBeforeUs || host.localUs < state.votersSettleAtUs) return false;
      return this.#votersInReach(host) >= majorityOf(votersOf(host.document).length);
    });
  }

  #hadMajority(host: Host): boolean {
    const { nowUs, changedAtUs, options } = this.#world;
    if (!this.#isNetworkGood || nowUs - changedAtUs < 2 * options.timing.leaseMs * 1_000) return false;
    return this.#isUsable(host) && this.#votersInReach(host) >= majorityOf(votersOf(host.document).length);
  }

  /** Of the voters of this host's document, those that could grant it a lease now. */
  #votersInReach(host: Host): number {
    return votersOf(host.document).filter((id) => {
      const voter = this.#world.host(id);
      return voter !== undefined && this.#canGrant(voter, host) && this.#world.network.canTalk(host.id, id);
    }).length;
  }

  /** Runs, keeps silent no longer, knows the asker, and has not taken in other voters than the asker acts on. */
  #canGrant(voter: Host, asker: Host): boolean {
    const { state } = voter;
    if (voter.process !== "running" || state === null || voter.localUs < state.quietUntilUs) return false;
    return asker.document.version >= state.votersSinceVersion && isVoter(voter.document, asker.id);
  }

  #isUsable(host: Host): boolean {
    const isQuiet = host.state === null || host.localUs < host.state.quietUntilUs;
    return host.process === "running" && !isQuiet && isVoter(host.document, host.id);
  }

  #violate(verdict: Violation["verdict"], rule: string, what: string): void {
    this.violations.push({ verdict, rule, atUs: this.#world.nowUs, what });
    this.#world.log(null, `VIOLATION ${rule} (${verdict}): ${what}`);
  }
}
