import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { decodePeerMessage, encodePeerMessage } from "../../shared/protocol/codec.ts";
import { clusterDocument, gatewayId, nodeIdOf, shortName, witnessId } from "./cluster.ts";
import { EventQueue } from "./event-queue.ts";
import { Host } from "./host.ts";
import type { Mutant } from "./mutant.ts";
import { NameService } from "./name-service.ts";
import { Network } from "./network.ts";
import { Oracle } from "./oracle.ts";
import { SimulatedCloud } from "./simulated-cloud.ts";
import { Situations } from "./situations.ts";
import type { SwarmOptions } from "./swarm.ts";
import { Trail } from "./trail.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** True time, and everything that is in it. */
export class World {
  readonly options: SwarmOptions;
  readonly groupNames: readonly GroupName[];
  readonly mutant: Mutant | null;
  readonly queue = new EventQueue();
  readonly network: Network;
  readonly oracle: Oracle;
  /** Null where the groups have no names. */
  readonly names: NameService | null;
  /** The nodes. */
  readonly hosts: readonly Host[];
  readonly witness: Host | null;
  /** The control plane's vote, where it has one. */
  readonly cloud: SimulatedCloud | null;
  /** The nodes, and the witness where there is one. */
  readonly everyone: readonly Host[];
  readonly #byId: ReadonlyMap<NodeId, Host>;
  nowUs = 0;
  /** When anything about who can talk to whom, or who runs, last changed. */
  changedAtUs = 0;
  isHealed = false;
  /** Whose disks were put back to an earlier time. */
  readonly putBack = new Set<Host>();
  isRewinding = false;
  /** Those that the healing left out. */
  lost: ReadonlySet<Host> = new Set();
  readonly faultIds: string[] = [];
  /** Of the control plane, which is part of the run. */
  documentChanges = 0;
  readonly trail = new Trail();
  readonly situations = new Situations();
  readonly #drift: SeededRandom;
  readonly #start: SeededRandom;
  readonly #stop: SeededRandom;
  readonly #disk: SeededRandom;
  readonly #diskFailure: SeededRandom;
  readonly #guard: SeededRandom;
  readonly #guardian: SeededRandom;
  readonly #look: SeededRandom;
  readonly #probe: SeededRandom;
  readonly #trace: ((line: string) => void) | null;

  constructor(options: SwarmOptions, mutant: Mutant | null, trace: ((line: string) => void) | null) {
    this.options = options;
    this.groupNames = options.groups.map(({ name }) => name);
    this.mutant = mutant;
    this.#trace = trace;
    const stream = (name: string): SeededRandom => new SeededRandom(options.seed, name);
    this.#drift = stream("drift");
    this.#start = stream("start");
    this.#stop = stream("stop");
    this.#disk = stream("disk");
    this.#diskFailure = stream("disk failures");
    this.#guard = stream("guard");
    this.#guardian = stream("guardian");
    this.#look = stream("look");
    this.#probe = stream("probes");
    this.network = new Network(options, this.queue);
    this.oracle = new Oracle(this);
    this.names = options.on.has("names") ? new NameService(this) : null;
    const named = Array.from({ length: options.nodes }, (_, index) => nodeIdOf(index));
    const members = options.isOrdered ? named : stream("order").shuffled(named);
    const learners = this.#firstLearners(members);
    const isEven = (members.length - learners.size) % 2 === 0;
    const hasAnyWitness = options.hasWitness || options.hasCloudWitness === true;
    const document = clusterDocument(options, 1, members, learners, hasAnyWitness ? { voting: isEven } : null);
    this.hosts = members.map((id) => new Host(this, id, document));
    this.witness = options.hasWitness ? new Host(this, witnessId, document) : null;
    this.everyone = this.witness === null ? this.hosts : [...this.hosts, this.witness];
    this.cloud = options.hasCloudWitness === true ? new SimulatedCloud(this, { document, votersSince: 1 }) : null;
    this.#byId = new Map(this.everyone.map((host) => [host.id, host]));
  }

  /** Some clusters are still growing when their run begins. */
  #firstLearners(members: readonly NodeId[]): ReadonlySet<NodeId> {
    const random = new SeededRandom(this.options.seed, "learners");
    if (!this.options.on.has("membership") || random.chance(0.7)) return new Set();
    return new Set(members.slice(random.between(1, members.length)));
  }

  host(id: NodeId): Host | undefined {
    return this.#byId.get(id);
  }

  /** The node that believes itself operational, if there is one. */
  holderOf(group: GroupName): Host | undefined {
    return this.hosts.find((host) => host.state?.groups[group]?.state === "operational");
  }

  /** What a line of the log about this group begins with. */
  labelOf(group: GroupName): string {
    return this.groupNames.length === 1 ? "" : `${group}: `;
  }

  changed(): void {
    this.changedAtUs = this.nowUs;
  }

  newClock(readsUs?: number): VirtualClock {
    const { driftMax } = this.options;
    // The ends of the range are where the margin is tried.
    const drift = driftMax === 0 ? 0 : this.#drift.pick([-driftMax, driftMax, (this.#drift.fraction() * 2 - 1) * driftMax]);
    return new VirtualClock(this.nowUs, readsUs ?? this.#drift.between(0, 1_000_000_000), drift);
  }

  diskDelayUs(): number {
    return this.#disk.between(500, 20_000);
  }

  /** Of a write that fails: else nothing of it is there. */
  failsAfterRename(): boolean {
    return this.#diskFailure.chance(0.3);
  }

  guardDelayUs(): number {
    return this.#guard.between(0, 20_000);
  }

  /** Of an agent that is killed: else both were. */
  guardianOutlives(): boolean {
    return this.#guardian.chance(0.6);
  }

  /** From a clean stop to the agent's next start. */
  restartTakesUs(): number {
    return this.#start.between(10_000, 1_500_000);
  }

  startTakes(): { readonly takesUs: number; readonly fails: boolean } {
    const isTroubled = !this.isHealed;
    const isSlow = isTroubled && this.options.on.has("slow-start") && this.#start.chance(0.3);
    const takesUs = isSlow ? this.#start.between(50_000, 2 * this.options.timing.leaseMs * 1_000) : this.#start.between(200, 20_000);
    return { takesUs, fails: isTroubled && this.options.on.has("start-failure") && this.#start.chance(0.3) };
  }

  stopTakesUs(): number {
    const isSlow = !this.isHealed && this.options.on.has("slow-stop") && this.#stop.chance(0.3);
    return isSlow ? this.#stop.between(50_000, 5_000_000) : this.#stop.between(200, 20_000);
  }

  /** From the order to look at what was written until that was tried. */
  lookTakesUs(): number {
    return this.#look.between(200, 20_000);
  }

  send(from: Host, to: NodeId, message: PeerMessage): void {
    this.oracle.sent(from, to, message);
    if (this.cloud !== null && to === witnessId) return from.voter?.take(message);
    let takenBy: PathName | null = null;
    const receiver = this.host(to);
    // The witness is on one network.
    const hasOnePath = from === this.witness || to === this.witness?.id;
    for (const path of hasOnePath ? [mainPath] : this.network.paths) {
      if (this.mutant?.sendsOn?.(message, path) === false) continue;
      this.network.carry(this.nowUs, from.id, to, path, () => {
        if (takenBy !== null && takenBy !== path) return receiver?.takeCopy(message, path);
        takenBy = path;
        receiver?.takeMessage(this.options.isEncoded ? recoded(message) : message, path);
        if (receiver !== undefined) this.oracle.heard(receiver, from, message);
      });
    }
  }

  /** Who answers for an address is the machine on which it is up, whatever has become of its agent. */
  probe(host: Host, askedAtUs: number, groups: readonly GroupName[]): void {
    const isLost = (): boolean => !this.isHealed && this.#probe.chance(this.options.lossRate);
    const isHeard = (to: NodeId): boolean => this.network.canFind(host.id, to) && !isLost() && !isLost();
    const takesUs = this.#probe.between(4_000, 80_000);
    const answered = groups.filter((group) =>
      this.hosts.some((other) => other !== host && other.resourcesOf(group).answersSinceUs !== null && isHeard(other.id)),
    );
    const gateway = isHeard(gatewayId) ? "answers" : "silent";
    this.queue.at(this.nowUs + takesUs, host.later({ type: "probed", askedAtUs, answered, gateway }));
  }

  sendDocument(from: Host, to: NodeId): void {
    const { document } = from;
    for (const path of this.network.paths) this.network.carry(this.nowUs, from.id, to, path, () => this.host(to)?.takeDocument(document));
  }

  /** Connections to a dead process close where there is a way for that to be heard. */
  peersSeeClose(dead: Host): void {
    for (const peer of this.everyone) {
      if (peer === dead || !this.network.canTalk(peer.id, dead.id)) continue;
      for (const path of this.network.paths) {
        this.queue.at(this.nowUs + 1_000, peer.later({ type: "connection-closed", peer: dead.id, path }));
      }
    }
  }

  /** A node that has seen its last changes pushes them to whomever it reaches. */
  pushChanges(from: Host): void {
    if (!this.options.on.has("replication")) return;
    const { seen } = from.data;
    for (const to of this.hosts) {
      if (to === from) continue;
      const path = this.network.wayFrom(from.id, to.id) ?? mainPath;
      this.network.carry(this.nowUs, from.id, to.id, path, () => {
        if (to.process !== "running") return;
        to.data.follow(seen);
        to.tellStatus();
      });
    }
  }

  note(host: Host, detail: EventDetail): void {
    this.situations.saw(`told ${detail.kind}`);
    this.oracle.told(host, detail);
    if (detail.kind === "group.claimed") this.situations.saw(`claimed by ${detail.by}`);
    if (detail.kind === "group.claimed") this.oracle.of(detail.group).claimed(host, detail.by);
    if (detail.kind === "group.stepped-down") this.oracle.of(detail.group).steppedDown(host, detail.reason);
    if (detail.kind === "group.safe-halt") this.oracle.of(detail.group).halts.tells(host);
    if (detail.kind === "group.takeover" && detail.behind > 0) this.situations.saw("a takeover by a node that lacks changes");
    if (detail.kind === "group.stepped-down" && host.disk.isWriting) this.situations.saw("a lease lost while a record is being written");
    if (detail.kind === "group.handover") this.oracle.of(detail.group).handedOver(host, detail.from);
    if (this.#trace !== null) this.log(host, `reports ${detail.kind}: ${describeEvent(detail, host.id, shortName)}`);
  }

  log(host: Host | null, text: string): void {
    if (this.#trace === null) return;
    const at = (this.nowUs / 1_000_000).toFixed(6).padStart(11);
    this.#trace(`${at} ${host === null ? " " : shortName(host.id)} ${text.replaceAll(/node_([a-z])\1{19}/g, "$1")}`);
  }
}

/** Through the bytes and back, as on the wire. */
function recoded(message: PeerMessage): PeerMessage {
  const decoded = decodePeerMessage(encodePeerMessage(message));
  if (!decoded.ok) throw new Error(`the codec does not take what the core sends: ${decoded.reason}`);
  return decoded.message;
}
