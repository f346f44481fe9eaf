import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { LoopbackCluster, type TestNode } from "../../agent/replication/loopback-cluster.ts";
import { endProcess, lastLines, startProgram } from "../../demo/child-process.ts";
import type { FilesNodeSettings } from "./files-node.ts";
import type { TreeTotals } from "./tree-of-files.ts";

const group = "default" as GroupName;
const dataSet = "prompts";

/** Our two servers, each a process of its own, with mutual TLS over the loopback: one writes a tree of files, the other one follows. */
export class FilesSite implements AsyncDisposable {
  readonly #cluster: LoopbackCluster;
  #writer: Server | undefined;
  #follower: Server | undefined;

  private constructor(cluster: LoopbackCluster) {
    this.#cluster = cluster;
  }

  static async create(): Promise<FilesSite> {
    const cluster = await LoopbackCluster.make(2);
    const order = cluster.nodes.map(({ nodeId }) => nodeId);
    cluster.document = {
      ...cluster.document,
      groups: [{ name: group, order, resources: [], failback: { mode: "manual" }, swapOnReset: true }],
      dataSets: [{ kind: "files", name: dataSet, group, local: [] }],
    };
    for (const { tree } of cluster.nodes) mkdirSync(tree);
    const site = new FilesSite(cluster);
    site.#writer = site.#start(cluster.node(0), true);
    return site;
  }

  /** Where the writer's tree lies, and where the follower's does. */
  get trees(): readonly [string, string] {
    return [this.#cluster.node(0).tree, this.#cluster.node(1).tree];
  }

  /** On the disk that the trees are on, for whatever is not replicated. */
  aside(name: string): string {
    return join(this.#cluster.root, name);
  }

  /** The follower starts with nothing. */
  join(): void {
    this.#follower = this.#start(this.#cluster.node(1), false);
  }

  /** Resolves when the follower's tree comes to this, nothing is behind, and its disk has it. */
  async level(totals: TreeTotals): Promise<void> {
    await this.#follower?.shows(totals);
  }

  /** The follower is a bare machine again. */
  async leave(): Promise<void> {
    await this.#follower?.end();
    this.#follower = undefined;
    const { folder, tree } = this.#cluster.node(1);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(tree, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower?.end();
    await this.#writer?.end();
    await this.#cluster[Symbol.asyncDispose]();
  }

  #start({ nodeId, identity, host, port, folder, tree }: TestNode, isWriter: boolean): Server {
    const settings: FilesNodeSettings = {
      nodeId,
      identities: [identity],
      listen: { paths: pathsOf({ host }), port },
      dataDir: join(folder, "spool"),
      dataSets: { [dataSet]: { path: tree } },
      document: this.#cluster.document,
      holdings: isWriter ? [{ group, epoch: 1 }] : [],
    };
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify(settings));
    return new Server(file, join(folder, "log.txt"));
  }
}

/** One server's process, and what it says of its tree. */
class Server {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  #last: unknown;
  #onSaid = (): void => {};

  constructor(settings: string, logFile: string) {
    this.#logFile = logFile;
    this.#child = startProgram(join(import.meta.dirname, "files-node.ts"), [settings], { logFile, stdout: "pipe" });
    if (this.#child.stdout === null) throw new Error("the server has no standard output");
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#last = JSON.parse(line);
      this.#onSaid();
    });
  }

  async shows({ files, bytes }: TreeTotals): Promise<void> {
    const wanted = JSON.stringify({ files, bytes, level: true });
    const shown = new Promise<void>((resolve) => {
      this.#onSaid = () => {
        if (JSON.stringify(this.#last) === wanted) resolve();
      };
      this.#onSaid();
    });
    const ended = once(this.#child, "exit").then(() => {
      throw new Error(`a server of ours ended: ${lastLines(this.#logFile)}`);
    });
    await Promise.race([shown, ended]);
  }

  async end(): Promise<void> {
    await endProcess(this.#child);
  }
}
