import { documentVersionInForce } from "../../shared/domain/failover/document-in-force.ts";
import type { CleanStop } from "../../shared/domain/failover/durable-record.ts";
import type { Effect } from "../../shared/domain/failover/effects.ts";
import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import { cleanStopOf, initialState, type NodeState } from "../../shared/domain/failover/step.ts";
import { testamentOf } from "../../shared/domain/failover/testament.ts";
import type { GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { CloudVoter } from "../../shared/voter/cloud-voter.ts";
import { HostData } from "./host-data.ts";
import { HostDisk } from "./host-disk.ts";
import { HostDocuments } from "./host-documents.ts";
import { HostGuardian } from "./host-guardian.ts";
import { HostNames } from "./host-names.ts";
import { HostResources } from "./host-resources.ts";
import { statusOf } from "./host-status.ts";
import { Inbox, isSent } from "./inbox.ts";
import { Machine } from "./machine.ts";
import { stepWith } from "./mutant.ts";
import type { Snapshot } from "./snapshot.ts";
import { WaitingGuardian } from "./waiting-guardian.ts";
import type { World } from "./world.ts";

/** One server: a machine with its clock, disk and resources, and on it the agent's process with the production core. */
export class Host {
  readonly id: NodeId;
  readonly resources: ReadonlyMap<GroupName, HostResources>;
  readonly documents: HostDocuments;
  process: "running" | "paused" | "down" = "down";
  /** Why it should not hold a group, by group. */
  readonly problems = new Map<GroupName, string>();
  /** Set by scenarios: how the next starts and stops of resources go. */
  startFails = false;
  startTakesUs: number | null = null;
  stopTakesUs: number | null = null;
  readonly data: HostData;
  readonly guardian: WaitingGuardian;
  /** The guardian's process, while the agent lives. */
  readonly beside: HostGuardian;
  readonly names: HostNames | null;
  readonly machine: Machine;
  state: NodeState | null = null;
  voter: CloudVoter | null = null;
  readonly #world: World;
  readonly disk: HostDisk;
  #cleanStop: CleanStop | null = null;
  /** The newest version of the document that it has told the control plane it acts on. */
  toldVersion = 0;
  readonly #inbox = new Inbox();
  /** Every start is another run: what was meant for an earlier one finds nobody. */
  run = 0;
  #wake = 0;

  constructor(world: World, id: NodeId, document: ClusterDocument) {
    this.#world = world;
    this.id = id;
    this.documents = new HostDocuments(document);
    this.machine = new Machine(world);
    this.disk = new HostDisk(world, this.machine);
    this.resources = new Map(world.groupNames.map((group) => [group, new HostResources(world, this, group)]));
    this.data = new HostData(world, this);
    this.guardian = new WaitingGuardian(world, this);
    this.beside = new HostGuardian(world, this);
    this.names = world.names === null ? null : new HostNames(world, this, world.names);
  }

  resourcesOf(group: GroupName): HostResources {
    const resources = this.resources.get(group);
    if (resources === undefined) throw new Error(`the simulation has no group ${group}`);
    return resources;
  }

  get document(): ClusterDocument {
    return this.documents.inForce.document;
  }

  get localUs(): number {
    return this.machine.localUs;
  }

  /** Starts the agent: removes what an earlier run left behind, takes the next incarnation, and stores that first. */
  start(): void {
    if (this.process !== "down") return;
    if (this.disk.trouble !== null) return this.disk.tryAgainLater(() => this.start());
    const detached = this.guardian.giveUp();
    if (detached === null) this.#killAll("the agent starts and clears what was left");
    const { record } = this.disk;
    const incarnation = record.incarnation + (detached === null ? 1 : 0);
    this.disk.record = { ...record, incarnation };
    this.#openAgent();
    this.#inbox.empty();
    const settings = this.#world.mutant?.settings?.(this.#world.options.settings) ?? this.#world.options.settings;
    const cleanStop = this.#cleanStop;
    this.#cleanStop = null;
    const kept = { ...this.disk.record, cleanStop, detached };
    this.state = initialState({ nodeId: this.id, ...kept, ...this.documents.inForce, settings, nowUs: this.localUs });
    this.state = this.#world.mutant?.atStart?.(this.state) ?? this.state;
    const how = detached !== null ? ", and finds its resources running" : cleanStop === null ? "" : ", after a clean stop";
    this.#world.log(this, `starts as incarnation ${incarnation}${how}`);
    this.take({ type: "tick" });
    this.tellStatus();
  }

  #openAgent(): void {
    this.run += 1;
    this.voter = this.#world.cloud?.open(this) ?? null;
    this.beside.begin();
    this.names?.start();
    this.disk.open((record) => this.take({ type: "persisted", record }));
    this.process = "running";
  }

  /** kill -9: nothing is written any more. Without a guardian nobody stops the resources but the kernel's guard, when the lease ends. */
  crash(isGuardianAlive: boolean): void {
    if (this.process === "down" || this.machine.isStill) return;
    this.#end();
    this.#world.peersSeeClose(this);
    if (isGuardianAlive && this.beside.isWell) for (const resources of this.resources.values()) resources.outliveAgent();
  }

  /** The machine loses its power, and its clock starts anew. */
  losePower(): void {
    this.#end();
    this.#cleanStop = null;
    this.guardian.die();
    this.#killAll("power lost");
    this.machine.losePower(this.#world.newClock());
  }

  pause(): void {
    if (this.process === "running") this.process = "paused";
    this.#world.changed();
  }

  resume(): void {
    if (this.process !== "paused" || this.machine.isStill) return;
    this.#readOn(this.#inbox.empty());
    this.take({ type: "tick" });
  }

  #readOn(waiting: readonly NodeEvent[]): void {
    this.process = "running";
    this.#world.changed();
    for (const event of waiting) this.take(event);
    this.names?.resume();
  }

  /** The whole machine is paused, and its clock with it. */
  standStill(): void {
    if (this.process !== "running") return;
    this.process = "paused";
    this.machine.standStill();
    this.#world.changed();
  }

  /** It goes on, and nothing on it can tell; what was sent to it meanwhile is lost, unless something kept it. */
  goOn(keepsMessages: boolean): void {
    if (!this.machine.isStill) return;
    this.machine.goOn();
    this.#world.oracle.wentOn(this);
    this.#readOn(this.#inbox.empty().filter((event) => keepsMessages || !isSent(event)));
  }

  tellStatus(): void {
    this.take({ type: "status", status: statusOf(this, this !== this.#world.witness) });
  }

  takeMessage(message: PeerMessage, path: PathName): void {
    this.take({ type: "message", message, path });
  }

  /** What has come by another path before. */
  takeCopy({ from, incarnation, sequence }: PeerMessage, path: PathName): void {
    this.take({ type: "copy", from, incarnation, sequence, path });
  }

  /** On disk before it is in force: else the node acts on the one before. */
  takeDocument(document: ClusterDocument): void {
    if (this.disk.trouble !== null || this.process === "down" || this.machine.isStill || !this.documents.offer(document)) return;
    this.#world.changed();
    this.take({ type: "document", ...this.documents.inForce });
  }

  /** An event for the run of the process that is under way now. */
  later(event: NodeEvent): () => void {
    const run = this.run;
    return () => {
      if (run === this.run) this.take(event);
    };
  }

  take(event: NodeEvent): void {
    if (this.process === "down" || this.state === null) return;
    if (this.process === "paused") return this.#inbox.put(event);
    const nowUs = this.localUs;
    const before = this.state;
    const { state, effects } = stepWith(this.#world.mutant, before, event, nowUs);
    this.state = state;
    this.toldVersion = this.#world.mutant?.confirms?.(state) ?? documentVersionInForce(state, nowUs);
    this.#world.trail.add(this.id.charCodeAt("node_".length), nowUs, state.sequence, effects.length);
    this.#world.oracle.watch(this, before, state);
    this.names?.stepped(state);
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Tried until it succeeds, as replication does; the core may have stopped waiting by then. */
  #look(group: GroupName, lookId: number): void {
    const run = this.run;
    this.machine.after(this.#world.lookTakesUs(), () => {
      if (run !== this.run) return;
      if (!this.data.look()) return this.#look(group, lookId);
      this.#world.pushChanges(this);
      this.take({ type: "looked", group, lookId, status: statusOf(this, this !== this.#world.witness) });
    });
  }

  #killAll(why: string): void {
    for (const resources of this.resources.values()) resources.killAll(why);
  }

  #end(): void {
    this.voter?.close();
    this.process = "down";
    this.state = null;
    this.disk.close();
    this.names?.end();
    this.run += 1;
    this.#world.changed();
  }

  #carryOut(effect: Effect): void {
    const world = this.#world;
    switch (effect.type) {
      case "send":
        return world.send(this, effect.to, effect.message);
      case "send-document":
        return world.sendDocument(this, effect.to);
      case "start-resources":
        return this.resourcesOf(effect.group).start(effect.epoch);
      case "hold-until":
        return this.#hold(effect.group, effect.untilUs);
      case "stop-resources":
        return this.resourcesOf(effect.group).stop(effect.epoch, effect.deadlineUs);
      case "probe":
        return world.probe(this, effect.askedAtUs, effect.groups);
      case "persist":
        return this.disk.write(effect.record);
      case "look":
        return this.#look(effect.group, effect.lookId);
      case "report":
        return world.note(this, effect.detail);
      case "wake-at":
        return this.#wakeAt(effect.atUs);
      case "detached":
        // What the next agent would go on from cannot be written: this one ends, and its guardian takes everything down.
        if (this.disk.trouble !== null) return this.crash(true);
        world.log(this, "is away, to be started anew while its resources run on");
        this.#end();
        this.guardian.wait(effect.detached);
        return world.peersSeeClose(this);
      case "released-everything":
        this.#cleanStop = this.state === null || this.disk.trouble !== null ? null : cleanStopOf(this.state, this.localUs);
        world.log(this, "has released everything and ends");
        this.#end();
        return this.machine.after(world.restartTakesUs(), () => this.start());
    }
  }

  #hold(group: GroupName, untilUs: number): void {
    if (this.state !== null) this.resourcesOf(group).hold(untilUs, testamentOf(this.state, group));
  }

  /** Rule 9: the machine is put back in time, with its memory or with its disk alone. */
  restore(snapshot: Snapshot, withMemory: boolean, seesIt: boolean): void {
    this.losePower();
    this.#world.putBack.add(this);
    this.#world.oracle.putBack(this);
    this.disk.record = snapshot.disk;
    this.documents.restore(snapshot.document, snapshot.votersSeen);
    if (!withMemory) return this.start();
    this.#openAgent();
    this.machine.losePower(this.#world.newClock(snapshot.localUs));
    this.state = snapshot.state;
    this.#world.changed();
    // Clocks that part tell the agent before anything else does; a scenario leaves it to the peers.
    if (seesIt) this.take({ type: "rewound" });
    this.take({ type: "tick" });
    this.tellStatus();
  }

  #wakeAt(atUs: number): void {
    this.#wake += 1;
    const [run, wake] = [this.run, this.#wake];
    this.machine.atLocal(atUs, () => {
      if (run === this.run && wake === this.#wake) this.take({ type: "tick" });
    });
  }
}
