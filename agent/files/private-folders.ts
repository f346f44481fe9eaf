import { fchmodSync, fstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateFolder } from "../../shared/domain/replication/files/file-entry.ts";
import { systemErrorCode } from "../agent-error.ts";
import { parseJson } from "../storage/parse-json.ts";
import { TreeFolder } from "./tree-folder.ts";

const mark = "tree.json";

/**
 * The agent's own folder in a tree: on the tree's file system, so that what arrives there is put in its place by a rename. It is named by way of the open
 * folder: whoever owns the tree could put a link in its place.
 */
export class PrivateFolders {
  static readonly conflicts = "conflicts";
  static readonly journal = "conflicts.jsonl";
  readonly #top: string;
  #folder: TreeFolder | undefined;

  constructor(top: string) {
    this.#top = top;
  }

  /** What arrives: kept over a restart, so that a large file goes on where it was. */
  get incoming(): string {
    return this.at("incoming");
  }
  /** What is being replaced or removed, until it has proved to be what it was taken for. */
  get outgoing(): string {
    return this.at("outgoing");
  }

  /** Throws where the folder was not opened. */
  at(name: string): string {
    if (this.#folder === undefined) throw new Error(`${privateFolder} is not open`);
    return String(this.#folder.at(name));
  }

  /** The id by which this tree is known again, or undefined: a file system that is not mounted must not pass for an empty tree. */
  get treeId(): string | undefined {
    try {
      const read = parseJson(readFileSync(join(this.#top, privateFolder, mark), "utf8"));
      return typeof read === "object" && read !== null && "treeId" in read && typeof read.treeId === "string" ? read.treeId : undefined;
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")) return undefined;
      throw error;
    }
  }

  /** Made where it is missing. Throws where somebody else has put something there. */
  open(): void {
    this.close();
    const path = join(this.#top, privateFolder);
    const top = TreeFolder.top(this.#top);
    try {
      makeFolder(String(top.at(privateFolder)));
      this.#folder = top.folder(privateFolder);
    } catch (error) {
      if (!["ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")) throw error;
      throw new Error(`${path} is no folder: remove it`, { cause: error });
    } finally {
      top.close();
    }
    const { descriptor } = this.#folder;
    if (process.geteuid?.() !== fstatSync(descriptor).uid) throw new Error(`${path} is not the agent's own: remove it`);
    fchmodSync(descriptor, 0o700);
    for (const folder of [this.incoming, this.outgoing, this.at(PrivateFolders.conflicts)]) makeFolder(folder);
  }

  markTree(treeId: string): void {
    writeFileSync(this.at(mark), `${JSON.stringify({ treeId })}\n`, { mode: 0o600, flush: true });
  }

  /** What was about to be let go when the agent's last life ended: nobody knows any more what it was taken for. */
  get leftOver(): readonly string[] {
    return readdirSync(this.outgoing);
  }

  /** Nothing is to arrive any more: what has come of files that have changed since is of no use. */
  clearIncoming(): void {
    for (const name of readdirSync(this.incoming)) rmSync(join(this.incoming, name), { force: true });
  }

  close(): void {
    this.#folder?.close();
    this.#folder = undefined;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  }
}
