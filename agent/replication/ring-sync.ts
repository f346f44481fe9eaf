import { limits } from "../../shared/config/limits.ts";
import { exchangeSettings, exchangeTickMs } from "../../shared/config/replication.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { clusterClock } from "../../shared/domain/replication/clock-state.ts";
import { exchange } from "../../shared/domain/replication/exchange.ts";
import type { ExchangeEffect } from "../../shared/domain/replication/exchange-effects.ts";
import type { ExchangeEvent } from "../../shared/domain/replication/exchange-events.ts";
import { type ExchangeState, initialExchange } from "../../shared/domain/replication/exchange-state.ts";
import type { SyncPartner } from "../../shared/domain/replication/replication-status.ts";
import { partnerOf } from "../../shared/domain/replication/ring-course.ts";
import { type RingReport, ringReport } from "../../shared/domain/replication/ring-report.ts";
import { type GivenStanding, givenStanding, isClockDoubted } from "../../shared/domain/replication/withholding.ts";
import { FrameError, type ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { reasonOf } from "../agent-error.ts";
import { LogReadings } from "./log-readings.ts";
import type { PeerStream } from "./peer-stream.ts";
import { type OpenStream, PeerStreams } from "./peer-streams.ts";
import type { Replica } from "./replica.ts";
import { RetentionNews } from "./retention-news.ts";
import { documentEvent, frameEvent, orderOf, replicaEvents } from "./ring-events.ts";
import { ownZone, pulseFrame, stateFrame } from "./ring-frames.ts";
import type { RingOptions } from "./ring-options.ts";
import type { ReachablePeer } from "./thread-messages.ts";

/** Runs the exchange (shared/domain/replication/exchange.ts) over real streams and files: events in, effects out, one event at a time. */
export class RingSync {
  readonly #options: RingOptions;
  readonly #streams: PeerStreams;
  readonly #readings = new LogReadings();
  readonly #retention: RetentionNews;
  readonly #inbox: ExchangeEvent[] = [];
  /** Which time zone each peer's machine is set to. */
  readonly #zones = new Map<NodeId, string>();
  readonly #ticking: NodeJS.Timeout;
  #waking: NodeJS.Timeout | undefined;
  #state: ExchangeState;
  #running = false;
  #closed = false;

  constructor(options: RingOptions) {
    this.#options = options;
    this.#streams = new PeerStreams(options.dataDir);
    this.#retention = new RetentionNews(options.onEvent);
    this.#state = initialExchange(options.nodeId, orderOf(options.document()), exchangeSettings, performance.now());
    this.#take(documentEvent(this.#options.document()));
    this.#ticking = setInterval(() => this.#tick(), exchangeTickMs);
    this.#tick();
  }

  get partner(): SyncPartner | undefined {
    return partnerOf(this.#state);
  }

  /** What stands beside the data sets in the status. */
  get report(): RingReport {
    return ringReport(this.#state, { own: ownZone, zones: this.#zones }, performance.now());
  }

  /** Without what waits for the clock, here or elsewhere. */
  given(dataSet: string): GivenStanding | null {
    return givenStanding(this.#state, dataSet);
  }

  /** An operator lets this node's writes go. Throws where its clock is in no doubt. */
  release(): void {
    if (!isClockDoubted(this.#state)) throw new Error("this node's clock is in no doubt, and nothing waits for it");
    this.#take({ type: "release-withheld" });
  }

  /** A stream that a peer has opened. */
  accept(peer: NodeId, stream: PeerStream): void {
    this.#opened(peer, stream, "peer");
  }

  reachableChanged(reachable: readonly ReachablePeer[]): void {
    this.#take({ type: "heard", peers: Object.fromEntries(reachable.map(({ nodeId, paths }) => [nodeId, paths])) });
  }

  documentChanged(): void {
    this.looked();
    this.#take(documentEvent(this.#options.document()));
  }

  /** The data sets' files have been looked at: what is new there goes out. */
  looked(): void {
    for (const event of replicaEvents(this.#state.replicas, this.#options.replicas())) this.#take(event);
  }

  close(): void {
    this.#take({ type: "stop" });
    this.#closed = true;
    clearInterval(this.#ticking);
    clearTimeout(this.#waking);
  }

  #tick(): void {
    this.looked();
    this.#take({ type: "tick", silentMs: this.#streams.silentMs(), wallMs: Date.now() });
  }

  /** What an effect brings about at once waits for its turn. */
  #take(event: ExchangeEvent): void {
    if (this.#closed) return;
    this.#inbox.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#handle(next);
    } finally {
      this.#running = false;
    }
  }

  #handle(event: ExchangeEvent): void {
    const { state, effects } = exchange(this.#state, event, performance.now());
    this.#state = state;
    for (const replica of this.#options.replicas()) {
      replica.known = state.replicas[replica.name]?.announced ?? {};
      replica.times.clock = clusterClock(state.clocks);
      replica.times.isDoubted = isClockDoubted(state);
    }
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ExchangeEffect): void {
    switch (effect.type) {
      case "dial":
        return void this.#dial(effect.peer);
      case "close":
        return this.#close(effect.stream, (stream) => stream.close(effect.reason));
      case "turn-away":
        return this.#close(effect.stream, (stream) => stream.refuse(effect.reason));
      case "send-word":
        return this.#streams.get(effect.stream)?.stream.send(stateFrame(effect.dataSet, effect.word));
      case "send-pulse":
        return this.#streams.get(effect.stream)?.stream.send(pulseFrame(effect.pulse, Date.now()));
      case "read":
        return this.#read(effect);
      case "send-changes":
        return this.#sendChanges(effect);
      case "keep":
        return this.#keep(effect);
      case "apply":
        return this.#apply(effect);
      case "discard":
        return this.#streams.get(effect.stream)?.incoming.discard(effect.dataSet);
      case "read-on":
        return this.#readOn(effect.stream);
      case "hold":
        return this.#hold(effect);
      case "refuse":
        this.#replica(effect.dataSet)?.refuse(effect.reason);
        return this.looked();
      case "prune":
        return this.#prune(effect);
      case "let-go":
        return this.#letGo(effect);
      case "resync":
        return this.#options.onUncovered(effect.dataSet, effect.donors);
      case "seal":
        this.#replica(effect.dataSet)?.seal();
        return this.looked();
      case "begin-incarnation":
        return this.#beginIncarnation(effect);
      case "report":
        return this.#options.onEvent(effect.detail);
      case "warn":
        return this.#options.onWarning(effect.message);
      case "status-changed":
        return this.#options.onStatusChanged();
      case "wake-at":
        clearTimeout(this.#waking);
        this.#waking = setTimeout(() => this.#tick(), Math.max(1, effect.atMs - performance.now()));
    }
  }

  #letGo({ dataSet, spare, lacking }: Extract<ExchangeEffect, { type: "let-go" }>): void {
    const use = this.#replica(dataSet)?.letGo(spare);
    if (use !== undefined) this.#retention.look(dataSet, use, lacking);
  }

  async #dial(peer: NodeId): Promise<void> {
    const node = this.#options.document().nodes.find(({ nodeId }) => nodeId === peer);
    try {
      if (node === undefined) throw new Error("it is no longer in the cluster document");
      const stream = await this.#options.network.dial(node, "ring");
      if (this.#closed) stream.close("this node is stopping");
      else this.#opened(peer, stream, "self");
    } catch (error) {
      this.#take({ type: "dial-failed", peer, reason: reasonOf(error) });
    }
  }

  #opened(peer: NodeId, stream: PeerStream, openedBy: "self" | "peer"): void {
    const opened = this.#streams.add(peer, stream);
    const { id } = opened;
    this.#take({ type: "opened", peer, stream: id, openedBy, path: stream.path ?? null });
    stream.onDrain(() => this.#take({ type: "backlog", peer, stream: id, full: false }));
    stream.handle({
      onFrame: (frame) => this.#received(opened, frame),
      onClosed: (reason) => {
        this.#streams.remove(id);
        this.#take({ type: "lost", peer, stream: id, reason });
      },
    });
  }

  /** Resolves when the stream's next frame may come. */
  #received(opened: OpenStream, frame: ReplicationFrame): void | Promise<void> {
    const { id, peer, stream } = opened;
    const event = frameEvent(frame, { peer, stream: id });
    if (event === undefined) return stream.refuse(`a ring stream carries no ${frame.type} frames`);
    if (frame.type === "pulse") this.#zones.set(peer, frame.zone);
    if (frame.type !== "changes") return this.#take(event);
    return new Promise((resolve) => {
      opened.frame = frame;
      opened.readOn = resolve;
      this.#take(event);
    });
  }

  #keep({ stream, dataSet }: Extract<ExchangeEffect, { type: "keep" }>): void {
    const opened = this.#streams.get(stream);
    const replica = this.#replica(dataSet);
    if (opened?.frame === undefined || replica === undefined || opened.incoming.keep(opened.frame)) return;
    opened.frame = undefined;
    this.#take({ type: "applied", peer: opened.peer, stream, dataSet, outcome: { kind: "failed" }, view: replica.view });
  }

  #apply({ stream, dataSet }: Extract<ExchangeEffect, { type: "apply" }>): void {
    const opened = this.#streams.get(stream);
    const replica = this.#replica(dataSet);
    if (opened?.frame === undefined || replica === undefined) return;
    const outcome = opened.incoming.apply(replica);
    this.#take({ type: "applied", peer: opened.peer, stream, dataSet, outcome, view: replica.view });
  }

  #readOn(stream: number): void {
    const opened = this.#streams.get(stream);
    if (opened?.readOn === undefined) return;
    opened.frame = undefined;
    opened.readOn();
    opened.readOn = undefined;
  }

  #read(effect: Extract<ExchangeEffect, { type: "read" }>): void {
    const replica = this.#replica(effect.dataSet);
    if (replica === undefined) return;
    const event = this.#readings.read(effect, replica);
    this.looked();
    this.#take(event);
  }

  #sendChanges(effect: Extract<ExchangeEffect, { type: "send-changes" }>): void {
    const { peer, dataSet, stream: id } = effect;
    const stream = this.#streams.get(id)?.stream;
    if (stream === undefined) return;
    try {
      stream.send(this.#readings.take(effect));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#take({ type: "read-failed", peer, dataSet, problem: { kind: "too-large", reason: error.message } });
    }
    if (stream.backlogBytes >= limits.replicationFrameBytesMax) this.#take({ type: "backlog", peer, stream: id, full: true });
  }

  /** Of two peers that say so at once the second one says nothing new. */
  #beginIncarnation({ dataSet, origin }: Extract<ExchangeEffect, { type: "begin-incarnation" }>): void {
    const replica = this.#replica(dataSet);
    if (replica?.view.origin === origin) replica.beginIncarnation();
    this.looked();
  }

  #hold({ stream, dataSet, untilMs }: Extract<ExchangeEffect, { type: "hold" }>): void {
    const opened = this.#streams.get(stream);
    const replica = this.#replica(dataSet);
    if (opened !== undefined) replica?.standing.hold(opened.incoming.problemWith(replica), untilMs);
  }

  #prune({ dataSet, stable }: Extract<ExchangeEffect, { type: "prune" }>): void {
    const entries = this.#replica(dataSet)?.prune(stable);
    this.looked();
    if (entries !== undefined) this.#take({ type: "pruned", dataSet, stable, entries });
  }

  #close(id: number, close: (stream: PeerStream) => void): void {
    const opened = this.#streams.get(id);
    this.#streams.remove(id);
    if (opened !== undefined) close(opened.stream);
  }

  #replica(dataSet: string): Replica | undefined {
    return this.#options.replicas().find(({ name }) => name === dataSet);
  }
}
