import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileSet } from "../../../agent/files/file-set.ts";
import type { FileSetReport } from "../../../agent/files/files-messages.ts";
import { manifestTables } from "../../../agent/files/manifest-tables.ts";
import type { WantedChunk } from "../../../agent/files/pieces.ts";
import type { SetAsideEvent } from "../../../agent/files/set-aside-news.ts";
import { createOwnedDatabase } from "../../../agent/replication/owned-database.ts";
import type { NodeId, OriginId } from "../../../shared/domain/ids.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";

const origin = "node_00000000000000000000:1" as OriginId;

/** Real trees on a real disk; in place of the network the nodes have one manifest together, and ask each other for chunks by a call. */
export class SharedManifest implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), "understudy-files-"));
  readonly local: readonly string[];
  readonly nodes: TreeNode[] = [];
  #vector: VersionVector = {};

  constructor(size: number, local: readonly string[] = []) {
    this.local = local;
    createOwnedDatabase(join(this.root, "manifest.sqlite"), manifestTables);
    for (let index = 0; index < size; index += 1) this.nodes.push(new TreeNode(this, index));
  }

  node(index: number): TreeNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** The replication thread would say so. */
  stir(): void {
    this.#vector = { [origin]: (this.#vector[origin] ?? 0) + 1 };
    for (const node of this.nodes) node.set?.manifestChanged(this.#vector);
  }

  /** Entries that no writer of ours would publish, under the present tenure. */
  forge(paths: readonly string[]): void {
    const manifest = new DatabaseSync(join(this.root, "manifest.sqlite"));
    try {
      const insert = manifest.prepare("INSERT INTO entry VALUES (?, 1, ?, 'file', 420, 0, 0, ?, '')");
      const empty = createHash("sha256").digest("hex");
      for (const [index, path] of paths.entries()) insert.run(path, 1_000_000 + index, empty);
    } finally {
      manifest.close();
    }
  }

  /** From node to node, from the first that has it. */
  fetch(by: TreeNode, want: WantedChunk): Uint8Array {
    for (const node of this.nodes) {
      const { here: [isHere] = [], data: bytes } = (node === by ? undefined : node.set?.read([want])) ?? { data: new Uint8Array(0) };
      if (isHere !== true) continue;
      by.damage(bytes);
      by.fetchedBytes += bytes.length;
      return bytes;
    }
    throw new Error("no node has it");
  }

  /** The first one writes under this epoch, all others follow. */
  async writes(writer: number, epoch: number): Promise<void> {
    for (const [index, { set }] of this.nodes.entries()) if (index !== writer) await set?.roleChanged({ kind: "follower" });
    await this.node(writer).set?.roleChanged({ kind: "writer", epoch });
    this.stir();
  }

  /** Whatever the writer has now is published, and every running node is level with it. */
  async level(): Promise<void> {
    const running = this.nodes.filter(({ set }) => set !== undefined);
    for (const { set } of running) await set?.flush();
    this.stir();
    const vector = JSON.stringify(this.#vector);
    const deadline = performance.now() + 10_000;
    while (!running.every(({ report }) => JSON.stringify(report?.level) === vector)) {
      if (performance.now() > deadline) throw new Error(`not level: ${JSON.stringify(running.map(({ report }) => report))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export class TreeNode {
  readonly tree: string;
  readonly nodeId: NodeId;
  readonly #site: SharedManifest;
  readonly #index: number;
  set: FileSet | undefined;
  report: FileSetReport | undefined;
  readonly setAsideEvents: SetAsideEvent[] = [];
  fetchedBytes = 0;
  /** May change what has come. */
  damage: (bytes: Uint8Array) => void = () => {};
  /** Asked before each chunk that this node fetches. */
  beforeFetch: (want: WantedChunk) => void | Promise<void> = () => {};

  constructor(site: SharedManifest, index: number) {
    this.#site = site;
    this.#index = index;
    this.tree = join(site.root, `tree-${index}`);
    this.nodeId = `node_${String(index).padStart(20, "0")}` as NodeId;
    mkdirSync(this.tree);
    this.start();
  }

  get state(): string {
    return join(this.#site.root, `state-${this.#index}.sqlite`);
  }

  start(): void {
    this.set = new FileSet({
      name: "prompts",
      nodeId: this.nodeId,
      tree: this.tree,
      manifest: join(this.#site.root, "manifest.sqlite"),
      state: this.state,
      local: this.#site.local,
      source: {
        fetch: async (want) => {
          await this.beforeFetch(want);
          return this.#site.fetch(this, want);
        },
      },
      onReport: (report) => {
        this.report = report;
      },
      onSetAside: (event) => this.setAsideEvents.push(event),
    });
  }

  async stop(): Promise<void> {
    await this.set?.close();
    this.set = undefined;
  }

  at(path: string): string {
    return join(this.tree, path);
  }

  /** Every path with its kind, rights, time and content; without the agent's own folder. */
  get picture(): Record<string, string> {
    return pictureOf(this.tree);
  }

  /** Whatever was set aside, by its path in the tree. */
  get setAside(): Record<string, string> {
    const journal = readFileSync(this.at(".understudy/conflicts.jsonl"), { encoding: "utf8", flag: "a+" });
    const lines = journal.split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      lines.map((line) => {
        const { path, keptAs } = JSON.parse(line) as { path: string; keptAs: string };
        return [path, lstatSync(this.at(keptAs)).isFile() ? readFileSync(this.at(keptAs), "utf8") : "(no file)"];
      }),
    );
  }
}

export function pictureOf(top: string, folder = ""): Record<string, string> {
  const picture: Record<string, string> = {};
  for (const name of readdirSync(join(top, folder)).toSorted()) {
    if (folder === "" && name === ".understudy") continue;
    const path = folder === "" ? name : `${folder}/${name}`;
    const stat = lstatSync(join(top, path));
    if (stat.isDirectory()) Object.assign(picture, { [path]: `folder ${(stat.mode & 0o777).toString(8)}` }, pictureOf(top, path));
    else if (stat.isSymbolicLink()) picture[path] = `link ${readlinkSync(join(top, path))}`;
    else
      picture[path] = `file ${(stat.mode & 0o777).toString(8)} ${Math.round(stat.mtimeMs)} ${createHash("sha256")
        .update(readFileSync(join(top, path)))
        .digest("hex")
        .slice(0, 16)}`;
  }
  return picture;
}
