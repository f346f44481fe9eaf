import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoopbackCluster, type TestNode } from "../../agent/replication/loopback-cluster.ts";
import { endProcess, firstJsonLine, startProgram } from "../../demo/child-process.ts";

/** Our servers: one that has the data, and some that join it, each a process of its own, with mutual TLS over the loopback. */
export class JoinSite implements AsyncDisposable {
  readonly #cluster: LoopbackCluster;
  readonly #megabitsPerSecondMax: number | undefined;
  #donor: ChildProcess | undefined;

  private constructor(cluster: LoopbackCluster, megabitsPerSecondMax: number | undefined) {
    this.#cluster = cluster;
    this.#megabitsPerSecondMax = megabitsPerSecondMax;
  }

  /** `megabitsPerSecondMax`: what each server may send of snapshots. */
  static async create(joiners: number, makeDatabase: (path: string) => void, megabitsPerSecondMax?: number): Promise<JoinSite> {
    const site = new JoinSite(await LoopbackCluster.make(1 + joiners), megabitsPerSecondMax);
    makeDatabase(site.database);
    await site.startDonor();
    return site;
  }

  /** Where the donor's database lies. */
  get database(): string {
    return this.#cluster.node(0).database;
  }

  async startDonor(): Promise<void> {
    const donor = this.#start(this.#cluster.node(0));
    this.#donor = donor.child;
    await donor.followsAfterMs;
  }

  async endDonor(): Promise<void> {
    if (this.#donor !== undefined) await endProcess(this.#donor);
  }

  /** So many servers join at the same time, from nothing. Resolves with how long each took until it followed, in milliseconds. `onJoined`: before they end. */
  async join(joiners: number, onJoined: () => Promise<void> = () => Promise.resolve()): Promise<number[]> {
    const nodes = this.#cluster.nodes.slice(1, 1 + joiners);
    const started = nodes.map((node) => this.#start(node));
    try {
      const times = await Promise.all(started.map(({ followsAfterMs }) => followsAfterMs));
      await onJoined();
      return times;
    } finally {
      await Promise.all(started.map(({ child }) => endProcess(child)));
      for (const { folder } of nodes) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
      }
      // A donor keeps the snapshot that it has made; the next sample shall take one of its own.
      await this.endDonor();
      await this.startDonor();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endDonor();
    await this.#cluster[Symbol.asyncDispose]();
  }

  #start(node: TestNode) {
    const settings = join(node.folder, "settings.json");
    const logFile = join(node.folder, "log.txt");
    node.snapshotMegabitsPerSecondMax = this.#megabitsPerSecondMax;
    writeFileSync(settings, JSON.stringify(node.settings(this.#cluster.document)));
    const child = startProgram(join(import.meta.dirname, "join-node.ts"), [settings], { logFile, stdout: "pipe" });
    const followsAfterMs = firstJsonLine(child, node.host, logFile).then((line) => Number(line["followsAfterMs"]));
    return { child, followsAfterMs };
  }
}
