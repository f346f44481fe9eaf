import { compareDefaults } from "../../shared/config/replication.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { replicatedIn } from "../../shared/domain/replication/data-set-rules.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { WriteAnswer } from "../../shared/protocol/record-frames.ts";
import type { DriftAnswer, DriftRequest } from "../compare/drift-request.ts";
import { DriftWatch } from "../compare/drift-watch.ts";
import { FilesDesk } from "../files/files-desk.ts";
import { OwnCertificates } from "../link/own-certificates.ts";
import { CarriedOut } from "../records/carried-out.ts";
import { ForwardDesk } from "../records/forward-desk.ts";
import { RecordDesk } from "../records/record-desk.ts";
import { bootId } from "../storage/boot-id.ts";
import { type BarrierPassed, Barriers, type BarrierView } from "./barrier.ts";
import { ConflictDesk } from "./conflict-desk.ts";
import { DataDesk } from "./data-desk.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { type KnownDataSet, knownDataSet, outsideStatus } from "./known-data-set.ts";
import { PeerNetwork, type StreamPurpose } from "./peer-network.ts";
import type { PeerStream } from "./peer-stream.ts";
import { RefusalNews } from "./refusal-news.ts";
import type { Replica } from "./replica.ts";
import { withRing } from "./replica-status.ts";
import { RingSync } from "./ring-sync.ts";
import { SnapshotDesk } from "./snapshot-desk.ts";
import { StatusTeller } from "./status-teller.ts";
import { digestFile } from "./table-digest.ts";
import type { FromThread, Holding, ReachablePeer, ReplicationSettings, TableDigests } from "./thread-messages.ts";
import { TurnedAway } from "./turned-away.ts";
import { UndoneJoins } from "./undone-joins.ts";
import { waitOutLock } from "./wait-out-lock.ts";
import { WatchedDataSets } from "./watched-data-sets.ts";

/** Everything that the replication thread does, put together: the data sets' replicas, the network, the ring. */
export class ReplicationThread {
  readonly #settings: ReplicationSettings;
  readonly #send: (message: FromThread) => void;
  readonly own: OwnCertificates;
  readonly #network: PeerNetwork;
  readonly #dataSets: WatchedDataSets;
  readonly conflicts = new ConflictDesk(() => this.#dataSets.replicas);
  readonly data: DataDesk;
  readonly records: RecordDesk;
  readonly forwards: ForwardDesk;
  readonly #carriedOut = new CarriedOut((workId, write) => this.#send({ type: "carry-out", workId, write }));
  readonly #undone: UndoneJoins;
  readonly files: FilesDesk;
  readonly #barriers = new Barriers();
  readonly #snapshots: SnapshotDesk;
  readonly #refusals = new RefusalNews((detail) => this.#send({ type: "event", detail }));
  #document: ClusterDocument;
  #boot: string | undefined;
  #ring: RingSync | undefined;
  #drift: DriftWatch | undefined;
  #status: StatusTeller | undefined;
  #stopped = false;

  constructor(settings: ReplicationSettings, send: (message: FromThread) => void) {
    this.#settings = settings;
    this.#document = settings.document;
    this.#send = send;
    const turnedAway = new TurnedAway((message) => send({ type: "warning", message }));
    this.own = new OwnCertificates(settings.identities);
    this.#network = new PeerNetwork({
      nodeId: settings.nodeId,
      own: this.own,
      document: () => this.#document,
      onStream: (peer, stream, purpose) => this.#opened(peer, stream, purpose),
      onTurnedAway: (reason) => turnedAway.add(reason),
    });
    this.#dataSets = new WatchedDataSets({
      settings,
      onTaken: (dataSet, replica) => this.files.watch(dataSet, replica),
      onLeft: (dataSet) => {
        this.records.close();
        this.files.unwatch(dataSet);
      },
      onLooked: (replica, hasNews) => this.#looked(replica, hasNews),
      onDurable: () => this.#ring?.looked(),
    });
    this.#undone = new UndoneJoins(settings.dataDir);
    this.data = new DataDesk({
      dataSets: () => this.#knownDataSets(),
      undone: this.#undone,
      onChanged: () => this.#dataSetsChanged(),
    });
    this.records = new RecordDesk({
      nodeId: settings.nodeId,
      others: () => this.#others(),
      replica: (dataSet) => this.#dataSets.find(dataSet),
      onWritten: (dataSet) => this.#dataSets.look(this.#dataSets.named(dataSet)),
    });
    const here = { nodeId: settings.nodeId, network: this.#network, document: () => this.#document };
    this.forwards = new ForwardDesk({ ...here, carryOut: (write) => this.#carriedOut.ask(write) });
    this.#snapshots = new SnapshotDesk({
      ...here,
      replica: (dataSet) => this.#dataSets.find(dataSet),
      dataDir: settings.dataDir,
      megabitsPerSecondMax: settings.snapshotMegabitsPerSecondMax,
      onEvent: (detail) => this.#send({ type: "event", detail }),
      onProgress: () => this.#status?.soon(),
    });
    this.files = new FilesDesk({
      onEvent: (detail) => this.#send({ type: "event", detail }),
      ...settings,
      network: this.#network,
      document: () => this.#document,
      trees: settings.dataSets,
      onChanged: () => this.#moved(),
      onWarning: (message) => this.#send({ type: "warning", message }),
    });
  }

  /** Resolves with the port. Rejects with cause and next step. */
  async start(): Promise<number> {
    const { paths, port } = this.#settings.listen;
    prepareDataFolder(this.#settings.dataDir);
    this.#boot = await bootId();
    const listening = await this.#network.listen(paths, port);
    this.#followDocument();
    this.#ring = new RingSync({
      nodeId: this.#settings.nodeId,
      network: this.#network,
      document: () => this.#document,
      replicas: () => this.#dataSets.replicas,
      dataDir: this.#settings.dataDir,
      onEvent: (detail) => this.#send({ type: "event", detail }),
      onUncovered: (dataSet, donors) => void this.#resync(dataSet, donors),
      onWarning: (message) => this.#send({ type: "warning", message }),
      onStatusChanged: () => {
        this.#barriers.look();
        this.records.look();
        this.#status?.soon();
      },
    });
    this.#drift = new DriftWatch({
      nodeId: this.#settings.nodeId,
      network: this.#network,
      document: () => this.#document,
      replicas: () => this.#dataSets.replicas,
      settings: this.#settings.compare ?? compareDefaults,
      onEvent: (detail) => this.#send({ type: "event", detail }),
      onChanged: () => this.#status?.soon(),
      onWarning: (message) => this.#send({ type: "warning", message }),
    });
    this.#status = new StatusTeller(
      () => this.#read(),
      (status) => this.#send({ type: "status", status, ring: this.#ring?.report ?? null }),
    );
    return listening;
  }

  documentChanged(document: ClusterDocument): void {
    this.#document = document;
    this.#network.documentChanged();
    this.#dataSetsChanged();
  }

  #dataSetsChanged(): void {
    this.#followDocument();
    this.#ring?.documentChanged();
    this.#status?.soon();
  }

  reachableChanged(reachable: readonly ReachablePeer[]): void {
    this.#network.reachableChanged(reachable);
    this.#ring?.reachableChanged(reachable);
    this.#status?.soon();
  }

  async becameOperational(holding: Holding): Promise<void> {
    await this.files.holds(holding);
    const position = this.#document.nodes.findIndex((node) => node.nodeId === this.#settings.nodeId);
    // Alone there is nobody whose keys could be met.
    if (this.#document.nodes.length < 2) return;
    const untilMs = performance.now() + failoverSettings.drainMsMax;
    for (const replica of this.#dataSets.replicas) await waitOutLock(() => replica.jumpGeneratedKeys(Math.max(0, position)), untilMs);
  }

  /**
   * A service was stopped: what it committed last goes out now, whether or not its files' changes were reported yet. A lock is waited
   * out; rejects where what was committed cannot be seen for as long as a switchover waits (a replica that follows no more says so in the status).
   */
  async flush(): Promise<void> {
    const untilMs = performance.now() + failoverSettings.drainMsMax;
    await this.files.flush();
    for (const replica of this.#dataSets.replicas) await this.#dataSets.lookUntil(replica, untilMs);
    this.#status?.now();
  }

  /** Resolves once another member has on its disk all that was committed here up to now. Rejects with the cause where none has in time. */
  async barrier(dataSet: string, timeoutMs: number): Promise<BarrierPassed> {
    const replica = this.#dataSets.named(dataSet);
    const untilMs = performance.now() + timeoutMs;
    await this.#dataSets.lookUntil(replica, untilMs);
    if (!replica.following) throw new Error(`data set ${dataSet} is not in step on this node: its status says why`);
    const view = (): BarrierView => ({ ...replica.view, others: this.#others(), known: replica.known });
    return this.#barriers.wait(view, Math.max(0, untilMs - performance.now()));
  }

  carriedOut(workId: number, answer: WriteAnswer | null): void {
    this.#carriedOut.answered(workId, answer);
  }

  async digest(dataSet: string): Promise<TableDigests> {
    return digestFile(this.#dataSets.named(dataSet));
  }

  /** Own writes go out although this node's clock is in doubt. Throws where it is in none. */
  releaseWithheld(): void {
    if (this.#ring === undefined) throw new Error("the agent is still starting");
    this.#ring.release();
  }

  /** Compares everything with everybody now. Rejects with the cause, worded for a person. */
  async drift(request: DriftRequest): Promise<DriftAnswer> {
    if (this.#drift === undefined) throw new Error("the agent is still starting");
    return this.#drift.answer(request);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#status?.close();
    this.#ring?.close();
    this.#network.close();
    await this.#drift?.close();
    this.#dataSets.close();
    this.records.close();
    await this.#snapshots.close();
    await this.files.close();
  }

  #opened(peer: NodeId, stream: PeerStream, purpose: StreamPurpose): void {
    if (purpose === "ring") this.#ring?.accept(peer, stream);
    else if (purpose === "files") this.files.serve(stream);
    else if (purpose === "records") this.forwards.serve(stream);
    else if (purpose === "compare") this.#drift?.serve(peer, stream);
    else this.#snapshots.give(peer, stream);
  }

  #others(): NodeId[] {
    return this.#document.nodes.map((node) => node.nodeId).filter((node) => node !== this.#settings.nodeId);
  }

  #knownDataSets(): KnownDataSet[] {
    return replicatedIn(this.#document).flatMap((dataSet): KnownDataSet[] => {
      const path = this.#settings.dataSets[dataSet.name]?.path;
      return path === undefined || dataSet.kind !== "sqlite"
        ? []
        : [knownDataSet(dataSet, path, this.#dataSets.find(dataSet.name), this.#others())];
    });
  }

  #followDocument(): void {
    const taken = replicatedIn(this.#document).filter(({ name }) => this.#undone.since(name) === undefined);
    this.#dataSets.follow(this.#document, taken, this.#boot);
  }

  #looked(replica: Replica, hasNews: boolean): void {
    if (hasNews) this.#status?.soon();
    this.files.look(replica);
    this.#ring?.looked();
    this.records.look();
    if (replica.needsData) void this.#supply(replica);
    else this.#snapshots.tidy(replica).catch((error: Error) => this.#send({ type: "warning", message: error.message }));
  }

  async #supply(replica: Replica): Promise<void> {
    if ((await this.#snapshots.supply(replica)) && !this.#stopped) this.#moved();
  }

  async #resync(dataSet: string, donors: readonly NodeId[]): Promise<void> {
    const replica = this.#dataSets.find(dataSet);
    if (replica !== undefined && (await this.#snapshots.resync(replica, donors)) && !this.#stopped) this.#moved();
  }

  #moved(): void {
    this.#ring?.looked();
    this.#status?.soon();
  }

  #read(): DataSetStatus[] {
    const others = this.#others();
    const syncingWith = this.#ring?.partner;
    const report = this.#ring?.report;
    const status = replicatedIn(this.#document).map(({ name }): DataSetStatus => {
      const replica = this.#dataSets.find(name);
      if (replica === undefined) return outsideStatus(name, this.#undone.since(name));
      const given = this.#ring?.given(name) ?? null;
      const drift = this.#drift?.problemOf(name);
      return withRing(replica.status(others), { syncingWith, given, clock: report?.clock, drift });
    });
    this.#refusals.look(status);
    return status;
  }
}
