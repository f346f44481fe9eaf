import { highestOf } from "../../../agent/replication/log-readings.ts";
import { exchangeTickMs } from "../../../shared/config/replication.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { clusterClock } from "../../../shared/domain/replication/clock-state.ts";
import { exchange } from "../../../shared/domain/replication/exchange.ts";
import type { ExchangeEffect } from "../../../shared/domain/replication/exchange-effects.ts";
import type { ApplyOutcome, ExchangeEvent } from "../../../shared/domain/replication/exchange-events.ts";
import { type ExchangeState, initialExchange, type ReplicaView, type StreamId } from "../../../shared/domain/replication/exchange-state.ts";
import { type TimeReference, timeReference } from "../../../shared/domain/replication/retiming.ts";
import { joined } from "../../../shared/domain/replication/version-vector.ts";
import { givenUpTo } from "../../../shared/domain/replication/withholding.ts";
import { dial } from "./dial.ts";
import { FileWatch } from "./file-watch.ts";
import { FileWriter } from "./file-writer.ts";
import { takeFreshCopy } from "./fresh-copy.ts";
import type { Machine } from "./machine.ts";
import { OpenStreams } from "./open-streams.ts";
import type { SimulatedChange } from "./records.ts";
import type { VirtualReplica } from "./virtual-replica.ts";
import type { SimulatedFrame, StreamEnd, StreamOwner } from "./wire.ts";

const dataSet = "application";
/** A restored copy that is older than the logs of the others is refused: then somebody has to come. */
const operatorMs = 300;
/** How long a mutant that acknowledges first takes to write. */
const lateWriteMs = 120;

/** One run of an agent on a machine: the production exchange, over virtual streams and a virtual file. Ends with its process. */
export class AgentProcess implements StreamOwner {
  readonly #machine: Machine;
  #replica: VirtualReplica;
  #watch: FileWatch;
  #writer: FileWriter;
  #isResyncing = false;
  readonly #inbox: ExchangeEvent[] = [];
  readonly #streams = new OpenStreams();
  #state: ExchangeState;
  #read: { readonly reading: number; readonly changes: readonly SimulatedChange[] }[] = [];
  #running = false;
  refused: string | undefined;
  isAlive = true;

  constructor(machine: Machine, replica: VirtualReplica) {
    this.#machine = machine;
    [this.#replica, this.#watch, this.#writer] = this.#followed(replica, 1);
    this.#state = initialExchange(machine.node, machine.order, machine.world.options.settings, this.#nowMs);
  }

  /** Once the machine knows its process: it may be killed with the first thing that it does. */
  start(): void {
    this.#tick();
    this.#beat();
  }

  get state(): ExchangeState {
    return this.#state;
  }

  /** The process is gone. `politely`: its system closes what it had open; else the power is gone too. */
  end(politely: boolean): void {
    this.isAlive = false;
    for (const end of this.#streams.clear()) {
      if (politely) this.#machine.world.wire.close(end);
      else this.#machine.world.wire.forget(end);
    }
  }

  /** The application has committed something, or the file has been looked at in any case. */
  looked(): void {
    if (!this.isAlive) return;
    this.#machine.guard(() => this.#writer.dateOwn());
    if (!this.isAlive) return;
    const view = this.#viewNow();
    if (this.#state.replicas[dataSet]?.view !== view) this.#take({ type: "replica", dataSet, view });
  }

  documentChanged(order: readonly NodeId[]): void {
    this.#take({ type: "document", order });
  }

  heard(peers: readonly NodeId[]): void {
    this.#take({ type: "heard", peers: Object.fromEntries(peers.map((peer) => [peer, []])) });
  }

  accept(end: StreamEnd): void {
    this.#open(end, "peer");
  }

  frame(end: StreamEnd, frame: SimulatedFrame): void {
    const opened = this.#streams.of(end);
    if (opened === undefined || !this.isAlive) return;
    const [peer, stream] = [end.peer, opened.id];
    if (frame.type === "pulse") return this.#take({ type: "pulse", peer, stream, wallMs: frame.wallMs, pulse: frame.pulse });
    if (frame.type === "word") return this.#take({ type: "word", peer, stream, dataSet, word: frame.word });
    end.isBusy = true;
    this.#pending.set(stream, frame.changes);
    this.#take({ type: "changes", peer, stream, dataSet, brings: highestOf(frame.changes), final: frame.final });
  }

  lost(end: StreamEnd, reason: string): void {
    const opened = this.#streams.of(end);
    if (opened === undefined) return;
    this.#streams.take(opened.id);
    this.#take({ type: "lost", peer: end.peer, stream: opened.id, reason });
  }

  readonly #pending = new Map<StreamId, readonly SimulatedChange[]>();

  #tick(): void {
    this.looked();
    const { nowUs } = this.#machine.world;
    this.#take({ type: "tick", silentMs: this.#streams.silentMs(nowUs), wallMs: this.#machine.wallMs });
  }

  #beat(): void {
    this.#after(exchangeTickMs, () => {
      this.#tick();
      this.#beat();
    });
  }

  #take(event: ExchangeEvent): void {
    if (!this.isAlive) return;
    this.#inbox.push(event);
    if (this.#running) return;
    this.#running = true;
    this.#machine.guard(() => {
      for (let next = this.#inbox.shift(); next !== undefined && this.isAlive; next = this.#inbox.shift()) this.#handle(next);
    });
    this.#running = false;
  }

  #handle(given: ExchangeEvent): void {
    const { mutant } = this.#machine.world;
    const { state, event } = mutant?.beforeStep?.(this.#state, given) ?? { state: this.#state, event: given };
    const result = exchange(state, event, this.#nowMs);
    this.#state = result.state;
    for (const effect of mutant?.afterStep?.(result) ?? result.effects) if (this.isAlive) this.#carryOut(effect);
  }

  #carryOut(effect: ExchangeEffect): void {
    const { world } = this.#machine;
    const { mutant } = world;
    switch (effect.type) {
      case "dial":
        return this.#dial(effect.peer);
      case "close":
      case "turn-away":
        return this.#close(effect.stream);
      case "send-word":
        return this.#send(effect.stream, { type: "word", word: effect.word });
      case "send-pulse":
        return this.#send(effect.stream, { type: "pulse", wallMs: this.#machine.wallMs, pulse: effect.pulse });
      case "read": {
        const { reading, peer } = effect;
        const isDated = this.#replica.times.need === "none" || mutant?.trustsItsClock === true;
        if (!isDated) return this.#take({ type: "read-failed", peer, dataSet, problem: { kind: "locked" } });
        const { changes, readTo, unitEnd } = this.#replica.read(effect, world.options.frameChangesMax);
        this.#read = [...this.#read.slice(-20), { reading, changes }];
        const read = { upTo: readTo, unitEnd, brings: highestOf(changes), bytes: changes.length * 100 };
        return this.#take({ type: "read", peer, dataSet, reading, ...read });
      }
      case "send-changes": {
        const changes = this.#read.find(({ reading }) => reading === effect.reading)?.changes ?? [];
        this.#send(effect.stream, world.faults.forge({ type: "changes", changes, final: effect.final }));
        return this.#machine.at("sent");
      }
      case "keep":
        return void this.#streams.get(effect.stream)?.kept.push(...(this.#pending.get(effect.stream) ?? []));
      case "apply":
        return this.#apply(effect.stream);
      case "discard":
        return void this.#streams.get(effect.stream)?.kept.splice(0);
      case "read-on": {
        const opened = this.#streams.get(effect.stream);
        if (opened?.end.isBusy === true) this.#after(0, () => world.wire.readOn(opened.end));
        return;
      }
      case "refuse":
        this.refused = effect.reason;
        world.oracle.refused(this.#machine, effect.reason);
        this.looked();
        return this.#after(operatorMs, () => this.#machine.moveFileAway());
      case "prune":
        return this.#prune(effect);
      case "let-go":
        this.#writer.letGo(effect.spare);
        return this.looked();
      case "resync":
        return this.#resync(effect.donors);
      case "seal":
        this.#writer.apply([]);
        return this.looked();
      case "begin-incarnation":
        if (this.#replica.control.origin !== effect.origin) return;
        this.#writer.beginIncarnation();
        return this.looked();
      case "wake-at":
        return this.#after(Math.max(1, effect.atMs - this.#nowMs), () => this.#tick());
      case "warn":
        return world.oracle.warned(this.#machine.node, effect.message);
      case "hold":
      case "report":
      case "status-changed":
        return;
    }
  }

  #apply(stream: StreamId): void {
    const opened = this.#streams.get(stream);
    if (opened === undefined) return;
    const changes = [...opened.kept];
    const { peer } = opened.end;
    const answer = (outcome: ApplyOutcome): void => this.#take({ type: "applied", peer, stream, dataSet, outcome, view: this.#viewNow() });
    if (this.#machine.world.mutant?.acknowledgesFirst === true && changes.length > 0) {
      this.#after(lateWriteMs, () => this.#machine.guard(() => void this.#writer.apply(changes)));
      const view = { ...this.#viewNow(), vector: joined(this.#viewNow().vector, highestOf(changes)) };
      return this.#take({ type: "applied", peer, stream, dataSet, outcome: { kind: "applied" }, view });
    }
    answer(this.#writer.apply(changes));
  }

  #prune({ stable }: Extract<ExchangeEffect, { type: "prune" }>): void {
    const entries = this.#writer.prune(stable);
    this.looked();
    if (entries !== undefined) this.#take({ type: "pruned", dataSet, stable, entries });
  }

  #resync(donors: readonly NodeId[]): void {
    if (this.#isResyncing) return;
    this.#isResyncing = true;
    this.looked();
    takeFreshCopy(this.#machine, donors, (isHere) => {
      if (!this.isAlive) return;
      this.#isResyncing = false;
      const { replica } = this.#machine;
      if (isHere && replica !== undefined) {
        replica.open(this.#machine.boot, this.#machine.wallMs);
        [this.#replica, this.#watch, this.#writer] = this.#followed(replica, this.#watch.opening + 1);
      }
      this.looked();
    });
  }

  #followed(replica: VirtualReplica, opening: number): [VirtualReplica, FileWatch, FileWriter] {
    replica.times.began();
    replica.times.dating = () => this.#reference;
    const watch = new FileWatch(this.#machine, replica, () => this.looked(), opening);
    return [replica, watch, new FileWriter(this.#machine, replica, watch)];
  }

  #dial(peer: NodeId): void {
    dial(this.#machine, this, peer, {
      opened: (end) => this.#open(end, "self"),
      failed: (reason) => this.#take({ type: "dial-failed", peer, reason }),
    });
  }

  #open(end: StreamEnd, openedBy: "self" | "peer"): void {
    const { id } = this.#streams.open(end);
    this.#take({ type: "opened", peer: end.peer, stream: id, openedBy, path: null });
    // What came before somebody listened is read now.
    this.#machine.world.wire.readOn(end);
  }

  #close(stream: StreamId): void {
    const opened = this.#streams.take(stream);
    if (opened !== undefined) this.#machine.world.wire.close(opened.end);
  }

  #send(stream: StreamId, frame: SimulatedFrame): void {
    const opened = this.#streams.get(stream);
    if (opened === undefined) return;
    const replica = this.#state.replicas[dataSet];
    this.#machine.world.oracle.sent(this.#machine.node, frame, replica === undefined ? null : givenUpTo(this.#state, replica));
    this.#machine.world.wire.send(opened.end, frame);
  }

  #viewNow(): ReplicaView {
    return this.#watch.view(this.refused === undefined && !this.#isResyncing);
  }

  #after(ms: number, run: () => void): void {
    this.#machine.world.after(ms, () => {
      if (this.isAlive) run();
    });
  }

  get #reference(): TimeReference | undefined {
    const clock = clusterClock(this.#state.clocks);
    if (clock === null || !this.isAlive) return undefined;
    const { whenSkewed } = this.#machine.world.options;
    return timeReference(this.#machine.wallMs, this.#nowMs + clock.offsetMs, clock.skewMsMax, whenSkewed === "hlc");
  }

  get #nowMs(): number {
    return this.#machine.world.nowUs / 1_000;
  }
}
