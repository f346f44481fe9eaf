import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { Replica } from "../replication/replica.ts";
import { isLocked, problemOf } from "../replication/sqlite-problem.ts";
import { CompareAskers } from "./compare-askers.ts";
import { type ComparisonParts, compareAgain, compareDataSet } from "./compare-data-set.ts";
import { CompareServer } from "./compare-server.ts";
import type { CompareSettings } from "./compare-settings.ts";
import { KnownTables } from "./compared-tables.ts";
import { DriftFindings } from "./drift-findings.ts";
import type { DriftAnswer, DriftRequest, PeerComparison, TableDrift } from "./drift-request.ts";
import { Interruptible } from "./interruptible.ts";
import type { Question } from "./judge.ts";
import type { KeyRange } from "./key-range.ts";
import { CannotCompare, OwnReplica } from "./own-replica.ts";

export interface DriftWatchOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly replicas: () => readonly Replica[];
  readonly settings: CompareSettings;
  readonly onEvent: (detail: EventDetail) => void;
  readonly onChanged: () => void;
  /** For the log. */
  readonly onWarning: (message: string) => void;
}

interface Suspicion {
  readonly peer: NodeId;
  readonly dataSet: string;
  readonly table: string;
  readonly range: KeyRange;
}

interface Compared {
  readonly comparison: PeerComparison;
  readonly drifts: readonly TableDrift[];
}

type How = Pick<ComparisonParts, "repairs" | "isUrgent" | "pace">;

/** Compares this node's replicas with the others', one peer after the other and whoever is its neighbour in the ring, and has others compare theirs with it. */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #tables = new KnownTables();
  readonly #server: CompareServer;
  readonly #findings: DriftFindings;
  readonly #rest = new Interruptible();
  readonly #running: Promise<void>;
  /** A node found, as it judged this one's rows or had its own judged here, that the two differ. */
  #suspected: Suspicion | undefined;
  #suspectedAtMs = Number.NEGATIVE_INFINITY;
  #turn = 0;
  /** An operator's comparison ends the one that is under way, and the next waits for it. */
  #isAsked = false;
  #asked: Promise<unknown> = Promise.resolve();
  #underWay: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    const { nodeId, document, onEvent } = options;
    const nameOf = (node: NodeId): string => document().nodes.find((one) => one.nodeId === node)?.name ?? node;
    this.#findings = new DriftFindings({ self: nodeId, order: () => this.#order(), nameOf, onEvent });
    this.#server = new CompareServer({
      replica: (dataSet) => options.replicas().find(({ name }) => name === dataSet),
      tables: this.#tables,
      onDrift: (asker, question) => this.#suspect(asker, question),
    });
    this.#running = this.#run();
  }

  /** A stream on which another node asks. */
  serve(peer: NodeId, stream: PeerStream): void {
    this.#server.serve(peer, stream);
  }

  problemOf(dataSet: string): string | undefined {
    return this.#findings.problemOf(dataSet);
  }

  /** Compares everything with everybody now. Rejects with the cause, worded for a person. */
  async answer({ kind, dataSet }: DriftRequest): Promise<DriftAnswer> {
    const asked = this.#options.replicas().filter(({ name }) => dataSet === undefined || name === dataSet);
    if (asked.length === 0) throw new Error(dataSet === undefined ? "this node has no data set" : `there is no data set ${dataSet} here`);
    if (this.#isAsked) throw new Error("another comparison that was asked for is under way");
    if (this.#others().length === 0) throw new Error("this node is the only one of its cluster: there is nobody to compare with");
    this.#isAsked = true;
    this.#rest.interrupt();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asked = promise;
    try {
      await this.#underWay;
      return await this.#compareAll(asked, kind === "repair");
    } finally {
      this.#isAsked = false;
      resolve();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rest.interrupt();
    await this.#running;
  }

  async #compareAll(replicas: readonly Replica[], isUrgent: boolean): Promise<DriftAnswer> {
    const repairs = isUrgent || this.#options.settings.repair === "automatic";
    const drifts: TableDrift[] = [];
    const compared: PeerComparison[] = [];
    for (const replica of replicas) {
      for (const peer of this.#others()) {
        try {
          const found = await this.#compare(new OwnReplica(replica, this.#tables), peer, { repairs, isUrgent, pace: breathe });
          compared.push(found.comparison);
          drifts.push(...found.drifts);
        } catch (error) {
          throw new Error(problemOf(error, replica.path).message, { cause: error });
        }
      }
    }
    return { compared, drifts };
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      if (this.#suspected === undefined) await this.#rest.sleep(this.#options.settings.pauseSeconds * 1_000);
      await this.#asked;
      if (this.#closed) return;
      const suspected = this.#suspected;
      this.#suspected = undefined;
      this.#underWay = suspected === undefined ? this.#round() : this.#lookInto(suspected);
      await this.#underWay;
    }
  }

  /** All data sets, with the peer whose turn it is. */
  async #round(): Promise<void> {
    const others = this.#others();
    this.#turn += 1;
    const replicas = this.#options.replicas();
    this.#findings.forget((dataSet, peer) => !others.includes(peer) || replicas.every(({ name }) => name !== dataSet));
    const peer = others[this.#turn % Math.max(1, others.length)];
    if (peer === undefined) return;
    for (const replica of replicas) {
      await this.#quietly(replica, async (own) => void (await this.#compare(own, peer, this.#howQuietly())));
    }
  }

  async #lookInto({ peer, dataSet, table, range }: Suspicion): Promise<void> {
    const replica = this.#options.replicas().find(({ name }) => name === dataSet);
    if (replica === undefined || !this.#others().includes(peer)) return;
    await this.#quietly(replica, (own) =>
      this.#with(own, peer, this.#howQuietly(), (parts) => compareAgain(own, peer, { table, range }, parts)),
    );
  }

  /** Only where it holds nobody up, and without a word where it cannot be done now. */
  async #quietly(replica: Replica, work: (own: OwnReplica) => Promise<void>): Promise<void> {
    if (!replica.following) return;
    try {
      const own = new OwnReplica(replica, this.#tables);
      if (own.hasLog) await work(own);
    } catch (error) {
      if (!(error instanceof CannotCompare) && !isLocked(error))
        this.#options.onWarning(`the rows of data set ${replica.name} are not compared this time: ${reasonOf(error)}`);
    }
  }

  #howQuietly(): How {
    const { rowsPerSecondMax, repair } = this.#options.settings;
    const pace = async (rows: number): Promise<void> => {
      await this.#rest.sleep((rows / rowsPerSecondMax) * 1_000);
      if (this.#closed || this.#isAsked) throw new CannotCompare("it was interrupted");
    };
    return { repairs: repair === "automatic", isUrgent: false, pace };
  }

  async #compare(own: OwnReplica, peer: NodeId, how: How): Promise<Compared> {
    const drifts = new Map<string, TableDrift>();
    const comparison = await this.#with(own, peer, how, (parts) => compareDataSet(own, peer, parts), drifts);
    return { comparison, drifts: [...drifts.values()] };
  }

  /** With streams to whoever is to be asked, for as long as the work takes. */
  async #with<Result>(
    own: OwnReplica,
    peer: NodeId,
    how: How,
    work: (parts: ComparisonParts) => Promise<Result>,
    drifts = new Map<string, TableDrift>(),
  ): Promise<Result> {
    const { nodeId, network, document, onChanged } = this.#options;
    const askers = new CompareAskers(network, document);
    const parts: ComparisonParts = {
      ...how,
      self: nodeId,
      order: this.#order(),
      asks: new Map(this.#others().map((node) => [node, (question) => askers.ask(node, question)])),
      onTable: (table, drift, isWhole) => {
        if (drift !== undefined) drifts.set(table, drift);
        this.#findings.found(own.name, table, peer, drift, isWhole);
        onChanged();
      },
    };
    try {
      return await work(parts);
    } finally {
      askers.close();
    }
  }

  /** What was found wrong between two nodes is looked into by the other one too: each puts right only what is its own. At most once in a pause. */
  #suspect(peer: NodeId, question: Question): void {
    const nowMs = performance.now();
    const { range, dataSet, table } = question;
    if (range === null || nowMs - this.#suspectedAtMs < this.#options.settings.pauseSeconds * 1_000) return;
    this.#suspectedAtMs = nowMs;
    this.#suspected = { peer, dataSet, table, range };
    this.#rest.interrupt();
  }

  #order(): readonly NodeId[] {
    return this.#options.document().nodes.map(({ nodeId }) => nodeId);
  }

  #others(): readonly NodeId[] {
    return this.#order().filter((node) => node !== this.#options.nodeId);
  }
}

/** Lets everything else on this thread go before. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
