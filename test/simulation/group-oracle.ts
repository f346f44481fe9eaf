import type { GroupState } from "../../shared/domain/failover/messages.ts";
import type { GroupRun } from "../../shared/domain/failover/node-state.ts";
import { quarantinedUntilUs, quarantineProblem } from "../../shared/domain/failover/quarantine-watch.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import { isVoter } from "../../shared/domain/membership/quorum.ts";
import { AloneOracle } from "./alone-oracle.ts";
import { shortName, stableForMs } from "./cluster.ts";
import { HaltOracle } from "./halt-oracle.ts";
import type { Host } from "./host.ts";
import type { Oracle, Violation } from "./oracle.ts";
import { PauseOracle } from "./pause-oracle.ts";
import { PromiseOracle } from "./promise-oracle.ts";
import { isNetworkGood } from "./swarm.ts";
import { hasTrueMajority, waitsForLost } from "./true-reach.ts";
import type { World } from "./world.ts";

function vainCandidaciesMax(nodes: number): number {
  return 2 + 2 * nodes;
}

/** The resources run, or take their own time to start or to be stopped gently: no delay of the lease. */
const served: ReadonlySet<string> = new Set(["starting", "operational", "handing-over"]);

/** What must hold for one group, whatever becomes of the others. */
export class GroupOracle {
  takeovers = 0;
  vainMax = 0;
  readonly #world: World;
  readonly #oracle: Oracle;
  readonly #group: GroupName;
  readonly #isNetworkGood: boolean;
  readonly #promises: PromiseOracle;
  readonly #alone: AloneOracle;
  readonly #pause: PauseOracle;
  readonly halts = new HaltOracle();
  #epoch = 0;
  #starter: Host | null = null;
  /** Who has started the newest epoch; where a stale one is excused that is not who started last. */
  #newest: Host | null = null;
  /** What the node that started last had of each server's changes. */
  readonly #hadAtStart = new Map<Host, number>();
  readonly #movedAtUs: number[] = [];
  #capableSinceUs: number | null = null;
  #vain = 0;
  #vainSinceUs = -1;
  #switchoverFreeAtUs: number | null = null;

  constructor(world: World, oracle: Oracle, group: GroupName) {
    this.#world = world;
    this.#oracle = oracle;
    this.#group = group;
    this.#isNetworkGood = isNetworkGood(world.options);
    this.#alone = new AloneOracle(world, group);
    this.#pause = new PauseOracle(world, group);
    this.#promises = new PromiseOracle(world);
  }

  /** S1, S4: resources are about to be started. */
  starting(host: Host, epoch: number): void {
    for (const other of this.#world.hosts) {
      const resources = other.resourcesOf(this.#group);
      if (other === host || !resources.isUp || this.#alone.mayOverlap(host, other) || this.#pause.mayOverlap(host, other)) continue;
      const [here, there] = [shortName(host.id), shortName(other.id)];
      this.#violate("unsafe", "S1", `${here} starts epoch ${epoch} while ${there} still runs epoch ${resources.epoch}`);
    }
    // Numbers count from here on anew, where a voter that has forgotten them gave this one (FAILOVER.md, Not covered yet).
    if (epoch <= this.#epoch && host !== this.#newest && this.#promises.isAnew(host, epoch)) this.#epoch = 0;
    // A tenure whose switchover was given up goes on under its epoch.
    const isTakenUpAgain = epoch === this.#epoch && host === this.#newest;
    if (epoch <= this.#epoch && !isTakenUpAgain && !this.#alone.isUnaware(host, this.#epoch) && !this.#pause.isStale(host))
      this.#violate("unsafe", "S4", `${shortName(host.id)} starts epoch ${epoch} after epoch ${this.#epoch}`);
    if (epoch >= this.#epoch) this.#newest = host;
    this.#epoch = Math.max(this.#epoch, epoch);
    if (this.#starter !== null && this.#starter !== host) this.#movedAtUs.push(this.#world.nowUs);
    this.#starter = host;
    this.#alone.started(host);
    for (const other of this.#world.hosts) this.#hadAtStart.set(other, host.data.has(other));
    this.takeovers += 1;
    this.#vain = 0;
    this.#log(host, `resources start under epoch ${epoch}`);
    if (this.#switchoverFreeAtUs !== null) this.#checkSwitchover(this.#switchoverFreeAtUs);
  }

  /** R1: a node says that it took over as planned. Nothing that the group's application wrote before is missing then. */
  handedOver(host: Host, from: NodeId): void {
    const giver = this.#world.host(from);
    const had = giver === undefined ? 0 : (this.#hadAtStart.get(giver) ?? 0);
    if (giver === undefined || host !== this.#starter || had >= giver.data.writtenBy(this.#group)) return;
    const [here, there] = [shortName(host.id), shortName(from)];
    const written = giver.data.writtenBy(this.#group);
    this.#violate("unsafe", "R1", `${here} took over from ${there} as planned with ${had} of its ${written} changes`);
  }

  promised(from: Host, to: NodeId, epoch: number): void {
    const wrong = this.#promises.promised(from, to, epoch);
    if (wrong !== null) this.#violate("unsafe", "S4", wrong);
  }

  putBack(host: Host): void {
    this.#promises.putBack(host);
  }

  /** L2, P1, and the log. */
  watch(host: Host, was: GroupRun, is: GroupRun): void {
    if (is.attempts > was.attempts) this.#countVainCandidacy(host);
    if (was.state === is.state) return;
    this.halts.watch(host, is);
    this.#world.situations.saw(`${was.state} -> ${is.state}`);
    this.#log(host, `${was.state} -> ${is.state}: ${is.reason}`);
    if (is.state === "handing-over" && is.handover?.isFailback === true) this.#checkBetter(host, is.handover.to);
    const isLost = is.state === "stepping-down" && /^(lost its majority|its lease was not renewed)/.test(is.reason);
    if (isLost && this.#hadMajority(host)) {
      this.#violate("notRecovered", "L2", `${shortName(host.id)} stepped down with a live majority: ${is.reason}`);
    }
  }

  /** S2: its machine stood still, and it does not know. */
  wentOn(host: Host): void {
    this.#pause.wentOn(host);
  }

  /** S2: whoever hears of a later holder is gone at once. */
  heard(host: Host, from: Host, told: GroupState): void {
    this.#pause.heard(host, from, told, (what) => this.#violate("unsafe", "S2", what));
  }

  /** P1: nobody but an operator moves a group that is well, unless it is to a better node. */
  #checkBetter(host: Host, to: NodeId | null): void {
    const order = host.document.groups.find(({ name }) => name === this.#group)?.order ?? [];
    if (to !== null && order.indexOf(to) < order.indexOf(host.id)) return;
    this.#violate("notRecovered", "P1", `${shortName(host.id)} gives the group back to a node that is not better`);
  }

  /** S3: an operator has a node go on alone, rightly or not; or it does by itself, for which it needs its reasons. */
  claimed(host: Host, by: "operator" | "probe"): void {
    this.#alone.claimed(host);
    const problem = by === "probe" ? this.#alone.claimProblem(host) : null;
    if (problem !== null) this.#violate("unsafe", "S3", `${shortName(host.id)} goes on alone by itself although ${problem}`);
  }

  /** S3: it has heard of a later holder. */
  steppedDown(host: Host, reason: string): void {
    const problem = reason.endsWith("has taken over meanwhile") ? this.#alone.yielded(host) : null;
    if (problem !== null) this.#violate("unsafe", "S3", problem);
  }

  /** L1, at every look: a majority could talk all the time, and yet the group is not operational. */
  look(): void {
    const { nowUs, options } = this.#world;
    const overlap = this.#alone.overlapTooLong();
    if (overlap !== null) this.#violate("unsafe", options.on.has("machine-pause") ? "S2" : "S3", overlap);
    const unexplained = this.#alone.isClaimed ? null : this.#pause.unexplained();
    if (unexplained !== null) this.#violate("unsafe", "S1", unexplained);
    const lost = this.#alone.lostHolder();
    if (lost !== null) this.#violate("unsafe", "S3", lost);
    const isServed = this.#world.hosts.some(
      (host) =>
        served.has(host.state?.groups[this.#group]?.state ?? "") ||
        this.#waitsForChanges(host) ||
        (host.guardian.isWaiting && host.resourcesOf(this.#group).isUp),
    );
    if (isServed || !this.#isCapable()) {
      this.#capableSinceUs = null;
      return;
    }
    this.#capableSinceUs = Math.max(this.#capableSinceUs ?? nowUs, this.#world.changedAtUs);
    const leaseUs = options.timing.leaseMs * 1_000;
    const boundUs = 2 * leaseUs + (options.nodes * options.timing.rankDelayMs + options.timing.suspectAfterMs.most) * 1_000 + 2 * leaseUs;
    if (nowUs - this.#capableSinceUs <= boundUs) return;
    const waitedMs = (nowUs - this.#capableSinceUs) / 1_000;
    this.#violate("notRecovered", "L1", `no node operational for ${waitedMs} ms with a majority that can talk`);
    this.#capableSinceUs = null;
  }

  /** A planned switchover is under way in a healthy cluster: the group must not wait for a lease to run out. */
  expectQuickSwitchover(holder: Host): void {
    this.#switchoverFreeAtUs = this.#world.nowUs;
    this.#log(holder, "is asked to hand over, nothing being wrong");
  }

  /** L3, L4: everything was healed long ago. */
  finish(newest: ClusterDocument): void {
    const { hosts, lost } = this.#world;
    const group = newest.groups.find(({ name }) => name === this.#group);
    if (group === undefined) return;
    const holders = hosts.filter((host) => host.resourcesOf(this.#group).state === "up").map((host) => host.id);
    // Where only learners are listed, or nodes that are backing off after a failed start, nobody may hold it.
    const isHoldable = group.order.some((node) => this.#isReady(node));
    if (holders.length > 1 || (isHoldable && holders.length === 0))
      this.#violate("notRecovered", "L3", `${holders.length} nodes run the group at the end`);
    this.#checkPreferred(group, holders[0]);
    for (const host of hosts) {
      const state = host.state?.groups[this.#group]?.state;
      if (lost.has(host) || !group.order.includes(host.id)) continue;
      const isTold = state === "safe-halt" || state === "isolated";
      const patienceUs = this.#world.options.settings.startPatienceMs * 1_000;
      const isPatient = host.state !== null && host.machine.localUs - host.state.startedAtUs <= 1.02 * patienceUs;
      if (waitsForLost(this.#world, host, this.#group) && !isTold && !isPatient)
        this.#violate("notRecovered", "L5", `${shortName(host.id)} waits for a lost node, and is ${state ?? "down"}`);
      if (state === "safe-halt" && !this.halts.isTold(host))
        this.#violate("notRecovered", "L5", `${shortName(host.id)} has halted and told nobody`);
      if (!isHoldable && (isTold || (isPatient && state === "standby"))) continue;
      if (state !== "standby" && state !== "operational")
        this.#violate("notRecovered", "L4", `${shortName(host.id)} is still ${state ?? "down"}`);
    }
  }

  /** A planned switchover takes the time that its last changes need, within its own bound: but it must wait for nothing else. */
  #waitsForChanges(host: Host): boolean {
    const run = host.state?.groups[this.#group];
    const to = run?.state === "draining" ? (run.handover?.to ?? null) : null;
    const successor = to === null ? undefined : this.#world.host(to);
    if (successor === undefined) return false;
    return host.data.locked || successor.data.has(host) < host.data.writtenBy(this.#group);
  }

  #checkPreferred({ failback, order }: PriorityGroup, holder: NodeId | undefined): void {
    if (failback.mode !== "automatic" || holder === undefined) return;
    const ready = order.findIndex((node) => this.#isReady(node));
    if (ready === -1 || order.indexOf(holder) <= ready || this.#mayWait(holder)) return;
    const preferred = shortName(order[ready] ?? holder);
    this.#violate("notRecovered", "L3", `${shortName(holder)} runs the group at the end, not the preferred ${preferred}`);
  }

  /** Its failback is frozen, since the group has truly moved too often, or one had to be given up and waits for longer now. */
  #mayWait(holder: NodeId): boolean {
    const { nowUs, options } = this.#world;
    const { movesMax, withinMs } = options.settings.flapGuard;
    const sinceUs = nowUs - (2 * withinMs + 2 * stableForMs) * 1_000;
    if (this.#movedAtUs.filter((atUs) => atUs >= sinceUs).length > movesMax) return true;
    return (this.#world.host(holder)?.state?.groups[this.#group]?.failbacksGivenUp ?? 0) > 0;
  }

  /** Neither backing off after a failed start, nor in quarantine, nor only just done with it. */
  #isReady(node: NodeId): boolean {
    const host = this.#world.host(node);
    const run = host?.state?.groups[this.#group];
    if (host === undefined || this.#world.lost.has(host) || host.state === null || run === undefined || !isVoter(host.document, node))
      return false;
    if (waitsForLost(this.#world, host, this.#group)) return false;
    return host.localUs > Math.max(run.notBeforeUs, quarantinedUntilUs(host.state)) + (stableForMs + 500) * 1_000;
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
    const downAtUs = Math.max(...this.#world.hosts.map((host) => host.resourcesOf(this.#group).downAtUs));
    const gapUs = this.#world.nowUs - downAtUs;
    if (downAtUs >= askedAtUs && gapUs <= this.#world.options.timing.leaseMs * 400) return;
    this.#violate("notRecovered", "L3", `a planned switchover left the group without a holder for ${gapUs / 1_000} ms`);
  }

  /** An eligible node that hears, and is heard by, a majority that may vote. A learner is not eligible, and has no vote. */
  #isCapable(): boolean {
    if (!this.#isNetworkGood && !this.#world.isHealed) return false;
    return this.#world.hosts.some((host) => {
      const run = host.state?.groups[this.#group];
      // An agent that is ending takes nothing up again.
      if (host.state?.phase !== "running" || run === undefined || host.problems.has(this.#group)) return false;
      if (quarantineProblem(host.state, run, host.localUs) !== null) return false;
      if (host.localUs < run.notBeforeUs || host.localUs < host.state.votersSettleAtUs) return false;
      const isListed = host.document.groups.some(({ name, order }) => name === this.#group && order.includes(host.id));
      return isListed && hasTrueMajority(this.#world, host, this.#group);
    });
  }

  #hadMajority(host: Host): boolean {
    const { nowUs, changedAtUs, options } = this.#world;
    if (!this.#isNetworkGood || nowUs - changedAtUs < 2 * options.timing.leaseMs * 1_000) return false;
    // The way to the control plane may take longer than a lease leaves time for.
    return hasTrueMajority(this.#world, host, this.#group, true);
  }

  #violate(verdict: Violation["verdict"], rule: string, what: string): void {
    this.#oracle.violate(verdict, rule, `${this.#world.labelOf(this.#group)}${what}`);
  }

  #log(host: Host | null, text: string): void {
    this.#world.log(host, `${this.#world.labelOf(this.#group)}${text}`);
  }
}
