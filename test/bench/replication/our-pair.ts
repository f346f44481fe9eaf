import type { ChildProcess } from "node:child_process";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LoopbackCluster, waitFor } from "../../agent/replication/loopback-cluster.ts";
import { kill, startProcess } from "../../agent/replication/process-node.ts";
import { CallRecords } from "./call-records.ts";
import type { Durability, Pair } from "./pair.ts";

const joinsWithinMs = 30_000;

/** Two of our nodes, each with its replication in a process of its own, and an application that writes its SQLite file on the first. */
export class OurPair implements Pair {
  readonly #cluster: LoopbackCluster;
  readonly #application: CallRecords;
  readonly #nodes: ChildProcess[] = [];
  #reader: { readonly database: DatabaseSync; readonly find: StatementSync } | undefined;

  private constructor(cluster: LoopbackCluster, application: CallRecords) {
    this.#cluster = cluster;
    this.#application = application;
  }

  static async start(durability: Durability): Promise<OurPair> {
    const cluster = await LoopbackCluster.make(2);
    const pair = new OurPair(cluster, new CallRecords(cluster.node(0).database, durability));
    try {
      pair.#application.write(0, 1, 1);
      for (const node of cluster.nodes) pair.#nodes.push(await startProcess(cluster, node));
      await pair.#opensReplica();
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  write(from: number, count: number, rowsPerTransaction: number): Promise<number> {
    return Promise.resolve(this.#application.write(from, count, rowsPerTransaction));
  }

  shows(id: number): Promise<boolean> {
    if (this.#reader === undefined) throw new Error("the replica has not been opened");
    return Promise.resolve(this.#reader.find.get(id) !== undefined);
  }

  async away(): Promise<void> {
    const second = this.#nodes.pop();
    if (second !== undefined) await kill(second);
  }

  async back(): Promise<void> {
    this.#nodes.push(await startProcess(this.#cluster, this.#cluster.node(1)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader?.database.close();
    this.#application[Symbol.dispose]();
    for (const node of this.#nodes) await kill(node);
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #opensReplica(): Promise<void> {
    await waitFor(
      "the second node to have the data",
      () => {
        try {
          const database = new DatabaseSync(this.#cluster.node(1).database, { readOnly: true });
          this.#reader = { database, find: database.prepare("SELECT 1 FROM call_record WHERE id = ?") };
          return true;
        } catch {
          // Not there yet.
          return false;
        }
      },
      joinsWithinMs,
    );
  }
}
