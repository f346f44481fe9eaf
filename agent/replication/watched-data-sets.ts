import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { ClusterDocument, ReplicatedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import { whenSkewedOf } from "../../shared/domain/replication/data-set-rules.ts";
import { TreeReplica } from "../files/tree-replica.ts";
import { CommitWatch } from "./commit-watch.ts";
import { type LogSettings, logLimits } from "./log-limits.ts";
import { fileOf, ownTables } from "./owned-file.ts";
import { Replica } from "./replica.ts";
import type { ReplicationSettings } from "./thread-messages.ts";

const lookAgainMs = 20;

export interface WatchedDataSetsOptions {
  readonly settings: Pick<ReplicationSettings, "nodeId" | "dataDir" | "dataSets" | keyof LogSettings>;
  /** Declared in the document or declared otherwise, and with a replica of this node. */
  readonly onTaken: (dataSet: ReplicatedDataSet, replica: Replica) => void;
  /** Its replica is closed. */
  readonly onLeft: (dataSet: string) => void;
  /** A replica was looked at. */
  readonly onLooked: (replica: Replica, hasNews: boolean) => void;
  /** More of what came from others is on the disk for certain. */
  readonly onDurable: () => void;
}

interface Watched {
  readonly replica: Replica;
  readonly watch: CommitWatch;
}

/** The data sets that this node takes part in: a replica of each, looked at whenever its file stirs. */
export class WatchedDataSets {
  readonly #options: WatchedDataSetsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: WatchedDataSetsOptions) {
    this.#options = options;
  }

  get replicas(): Replica[] {
    return [...this.#watched.values()].map(({ replica }) => replica);
  }

  find(dataSet: string): Replica | undefined {
    return this.#watched.get(dataSet)?.replica;
  }

  /** Throws where this node takes no part in it. */
  named(dataSet: string): Replica {
    const replica = this.find(dataSet);
    if (replica === undefined) throw new Error(`there is no data set ${dataSet} on this node`);
    return replica;
  }

  /** Takes part in these of the document's data sets, and in no other. */
  follow({ clusterId }: ClusterDocument, dataSets: readonly ReplicatedDataSet[], boot: string | undefined): void {
    const wanted = new Map(dataSets.map((dataSet) => [dataSet.name, dataSet]));
    for (const [name, watched] of this.#watched) {
      const dataSet = wanted.get(name);
      if (dataSet === undefined || fileOf(dataSet, this.#options.settings) !== watched.replica.path) this.#leave(name, watched);
    }
    for (const dataSet of wanted.values()) this.#take(clusterId, dataSet, boot);
  }

  look(replica: Replica, look = () => replica.look()): void {
    this.#options.onLooked(replica, look());
  }

  /** Waits out a lock. Rejects where what is committed cannot be seen by then; a replica that follows no more says why in its status. */
  async lookUntil(replica: Replica, untilMs: number): Promise<void> {
    for (;;) {
      try {
        return this.look(replica, () => (replica.following ? replica.lookNow() : replica.look()));
      } catch (error) {
        replica.fail(error);
        if (!replica.following) return;
        if (performance.now() >= untilMs) throw error;
      }
      await sleep(lookAgainMs);
    }
  }

  close(): void {
    for (const { watch, replica } of this.#watched.values()) {
      watch.close();
      replica.close();
    }
  }

  #leave(name: string, { watch, replica }: Watched): void {
    watch.close();
    replica.close();
    this.#watched.delete(name);
    this.#options.onLeft(name);
  }

  #take(clusterId: ClusterDocument["clusterId"], dataSet: ReplicatedDataSet, boot: string | undefined): void {
    const { name } = dataSet;
    // What is local of a tree are paths: of its manifest everything is replicated.
    const local = dataSet.kind === "files" ? [] : dataSet.local;
    const conflicts = dataSet.kind === "sqlite" ? dataSet.conflicts : undefined;
    const identity = {
      clusterId,
      dataSet: name,
      nodeId: this.#options.settings.nodeId,
      boot,
      local,
      conflicts,
      tables: ownTables(dataSet),
    };
    const known = this.find(name);
    if (known !== undefined) {
      known.times.whenSkewed = whenSkewedOf(dataSet);
      this.#options.onTaken(dataSet, known);
      if (isDeepStrictEqual([known.identity.local, known.identity.conflicts], [local, conflicts])) return;
      known.redefine(identity);
      return this.look(known);
    }
    const path = fileOf(dataSet, this.#options.settings);
    if (path === undefined) return;
    const replica = new (dataSet.kind === "files" ? TreeReplica : Replica)(
      path,
      identity,
      this.#options.onDurable,
      logLimits(this.#options.settings),
    );
    replica.times.whenSkewed = whenSkewedOf(dataSet);
    this.#watched.set(name, { replica, watch: new CommitWatch(path, () => this.look(replica)) });
    this.#options.onTaken(dataSet, replica);
    this.look(replica);
  }
}
