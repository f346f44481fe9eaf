import { join } from "node:path";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, FileTree, ReplicatedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { Replica } from "../replication/replica.ts";
import { SendRate } from "../replication/send-rate.ts";
import type { Holding } from "../replication/thread-messages.ts";
import { ChunkExchange } from "./chunk-exchange.ts";
import type { FileSetReport, Role } from "./files-messages.ts";
import type { FilesAnswer, FilesRequest } from "./files-request.ts";
import { FilesThread } from "./files-thread.ts";
import { TreeReplica } from "./tree-replica.ts";

export interface FilesDeskOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  /** What is known of each tree lies here. */
  readonly dataDir: string;
  /** This node's own settings: where each tree lies. */
  readonly trees: Readonly<Record<string, { readonly path: string }>>;
  /** What this node gives to others at most; without a bound where it is undefined. */
  readonly snapshotMegabitsPerSecondMax?: number | undefined;
  readonly onChanged: () => void;
  readonly onEvent: (detail: EventDetail) => void;
  readonly onWarning: (message: string) => void;
}

interface Tree {
  readonly dataSet: FileTree;
  readonly replica: TreeReplica;
  role: Role;
  /** What the thread of files was told last. */
  told: VersionVector | undefined;
}

const restartAfterMs = 1_000;

/** The replication thread's part of the data sets of files: between their manifests, which it replicates, the thread that works on the trees, and the other nodes. */
export class FilesDesk {
  readonly #options: FilesDeskOptions;
  readonly #exchange: ChunkExchange;
  readonly #trees = new Map<string, Tree>();
  #holdings: readonly Holding[] | undefined;
  #thread: FilesThread | undefined;
  #restart: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: FilesDeskOptions) {
    this.#options = options;
    this.#exchange = new ChunkExchange({
      ...options,
      rate: new SendRate(options.snapshotMegabitsPerSecondMax),
      read: async (dataSet, wants) => (this.#trees.has(dataSet) ? await this.#thread?.read(dataSet, wants) : undefined),
    });
  }

  /** Another node asks for pieces of files. */
  serve(stream: PeerStream): void {
    this.#exchange.serve(stream);
  }

  /** A data set of files is replicated from now on, or is defined otherwise. */
  watch(dataSet: ReplicatedDataSet, replica: Replica): void {
    if (dataSet.kind !== "files" || !(replica instanceof TreeReplica)) return;
    const known = this.#trees.get(dataSet.name);
    if (JSON.stringify(known?.dataSet) === JSON.stringify(dataSet)) return;
    this.unwatch(dataSet.name);
    const tree: Tree = { dataSet, replica, role: { kind: "unknown" }, told: undefined };
    this.#trees.set(dataSet.name, tree);
    if (this.#thread === undefined) this.#start();
    else this.#open(tree);
  }

  unwatch(name: string): void {
    if (!this.#trees.delete(name)) return;
    this.#thread?.close(name).catch((error: unknown) => this.#options.onWarning(`data set ${name}: ${reasonOf(error)}`));
  }

  /** A manifest may have changed. */
  look(replica: Replica): void {
    const tree = this.#trees.get(replica.name);
    if (tree === undefined || tree.replica.manifestVector === tree.told) return;
    tree.told = tree.replica.manifestVector;
    this.#thread?.manifestChanged(replica.name, tree.told);
  }

  /** The groups that this node holds. Resolves when no tree is worked on any more as it was before; undefined: nobody knows. */
  async holdingsChanged(holdings: readonly Holding[] | undefined): Promise<void> {
    this.#holdings = holdings;
    await Promise.all([...this.#trees.values()].map((tree) => this.#assign(tree)));
  }

  /** This node has won a group: its trees are its own to write. */
  async holds(holding: Holding): Promise<void> {
    await this.holdingsChanged([...(this.#holdings ?? []).filter(({ group }) => group !== holding.group), holding]);
  }

  /** Whatever was changed up to now in the trees that this node writes is in their manifests. Rejects with the reason. */
  async flush(): Promise<void> {
    const writing = [...this.#trees.values()].filter(({ role }) => role.kind === "writer");
    await Promise.all(writing.map(async ({ dataSet }) => this.#thread?.flush(dataSet.name)));
  }

  async answer({ kind, dataSet }: FilesRequest): Promise<FilesAnswer> {
    const asked = [...this.#trees.values()].filter(({ dataSet: { name } }) => dataSet === undefined || name === dataSet);
    if (asked.length === 0)
      throw new Error(
        dataSet === undefined ? "this node has no data set of files" : `there is no data set ${dataSet} of files on this node`,
      );
    return Promise.all(
      asked.map(async ({ dataSet: { name }, replica }) => ({
        dataSet: name,
        tree: this.#options.trees[name]?.path ?? "",
        phase: replica.status([]).phase,
        ...(replica.report === undefined ? {} : { report: replica.report }),
        ...(kind === "verify" ? { verification: await this.#running().verify(name) } : {}),
      })),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    this.#exchange.close();
    await this.#thread?.end();
  }

  #running(): FilesThread {
    if (this.#thread === undefined) throw new Error("the thread of files is being started anew");
    return this.#thread;
  }

  #start(): void {
    this.#thread = new FilesThread({
      onReport: (dataSet, report) => this.#reported(dataSet, report),
      onSetAside: (dataSet, event) => this.#options.onEvent({ kind: "files.set_aside", dataSet, ...event }),
      fetch: (dataSet, wants) => this.#exchange.fetch(dataSet, wants),
      onFailure: (error) => this.#failed(error),
    });
    for (const tree of this.#trees.values()) this.#open(tree);
  }

  #open(tree: Tree): void {
    const { nodeId, dataDir, trees } = this.#options;
    const { name, local } = tree.dataSet;
    tree.role = { kind: "unknown" };
    tree.told = tree.replica.manifestVector;
    const state = join(dataDir, "trees", `${name}.sqlite`);
    this.#thread?.open({ name, nodeId, tree: trees[name]?.path ?? "", manifest: tree.replica.path, state, local });
    this.#thread?.manifestChanged(name, tree.told);
    void this.#assign(tree);
  }

  async #assign(tree: Tree): Promise<void> {
    const role = this.#roleIn(tree.dataSet);
    if (JSON.stringify(role) === JSON.stringify(tree.role)) return;
    tree.role = role;
    try {
      await this.#thread?.roleChanged(tree.dataSet.name, role);
    } catch (error) {
      // A thread that is gone works on nothing: who takes the group need not wait for it.
      this.#options.onWarning(`data set ${tree.dataSet.name}: ${reasonOf(error)}`);
    }
  }

  #roleIn({ group }: FileTree): Role {
    if (this.#holdings === undefined) return { kind: "unknown" };
    const holding = this.#holdings.find((held) => held.group === group);
    return holding === undefined ? { kind: "follower" } : { kind: "writer", epoch: holding.epoch };
  }

  #reported(name: string, report: FileSetReport): void {
    const tree = this.#trees.get(name);
    if (tree === undefined) return;
    const { replica } = tree;
    // A level that says the same is the same object: the exchange goes by that.
    const isSame = JSON.stringify(replica.report?.level) === JSON.stringify(report.level);
    replica.report = isSame ? { ...report, level: replica.report?.level ?? null } : report;
    this.#options.onChanged();
  }

  /** Its trees stand as they are; the agent goes on, and so does everything else that is replicated. */
  #failed(error: Error): void {
    this.#thread = undefined;
    if (this.#isClosed) return;
    this.#options.onWarning(`files are not replicated for ${restartAfterMs / 1_000} s: ${error.message}`);
    this.#restart = setTimeout(() => this.#start(), restartAfterMs);
  }
}
