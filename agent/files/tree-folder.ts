import { closeSync, constants, openSync } from "node:fs";
import { parentOf } from "../../shared/domain/replication/files/path-rules.ts";
import { systemErrorCode } from "../agent-error.ts";

const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * A folder that is held open. What is in it is named by way of the open folder itself, one name at a time, as `openat` does it: whatever anybody makes
 * of the path meanwhile, a link among it, no step ever leaves the tree. Linux: every open file has a name in /proc.
 */
export class TreeFolder {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The one place where links are followed: what the settings name as the tree's top. */
  static top(path: string): TreeFolder {
    return new TreeFolder(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  /** Throws ENOTDIR or ELOOP where the name is no folder. */
  folder(name: string | Buffer): TreeFolder {
    return new TreeFolder(openSync(this.at(name), openFlags));
  }

  /** For the calls of node:fs that do not follow a link at the end of a path. */
  at(name: string | Buffer): string | Buffer {
    const folder = `/proc/self/fd/${this.#descriptor}/`;
    return typeof name === "string" ? folder + name : Buffer.concat([Buffer.from(folder), name]);
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Folders of one tree, opened name by name; the way to the last one stays open, since neighbours come one after another. */
export class TreeFolders {
  readonly #path: string;
  #open: { readonly path: string; readonly folder: TreeFolder }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Good until the next call. Throws ENOENT, ENOTDIR or ELOOP where there is no such folder. */
  get(path: string): TreeFolder {
    const first = this.#open[0] ?? { path: "", folder: TreeFolder.top(this.#path) };
    if (this.#open.length === 0) this.#open.push(first);
    const names = path === "" ? [] : path.split("/");
    let depth = 0;
    let walked = "";
    for (; depth < names.length; depth += 1) {
      const next = walked === "" ? (names[depth] ?? "") : `${walked}/${names[depth]}`;
      if (this.#open[depth + 1]?.path !== next) break;
      walked = next;
    }
    this.#closeBeyond(depth + 1);
    for (const name of names.slice(depth)) {
      walked = walked === "" ? name : `${walked}/${name}`;
      const folder = (this.#open.at(-1) ?? first).folder.folder(name);
      this.#open.push({ path: walked, folder });
    }
    return (this.#open.at(-1) ?? first).folder;
  }

  /** The folder in which the path's last name stands. */
  parent(path: string): TreeFolder {
    return this.get(parentOf(path));
  }

  /** What was open may have been moved meanwhile: the next call opens anew. */
  forget(): void {
    this.#closeBeyond(0);
  }

  #closeBeyond(depth: number): void {
    for (const { folder } of this.#open.splice(depth).toReversed()) folder.close();
  }
}

/** On the way to a name something is not there, or is no folder. */
export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "");
}
