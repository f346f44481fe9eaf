import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { privateFolder } from "../../shared/domain/replication/files/file-entry.ts";
import { nameOf } from "../../shared/domain/replication/files/path-rules.ts";
import { PrivateFolders } from "./private-folders.ts";
import type { TreeFolders } from "./tree-folder.ts";

/** One line of the journal. */
export interface SetAside {
  readonly at: string;
  readonly path: string;
  readonly reason: string;
  /** Where it is now, from the tree's top. */
  readonly keptAs: string;
}

/** Takes what somebody here had made out of the way of what the writer has, into a folder of the same file system, with a line in a journal. */
export class SetAsides {
  readonly #folders: TreeFolders;
  readonly #private: PrivateFolders;
  readonly #onSetAside: (line: SetAside) => void;
  #count = 0;

  constructor(folders: TreeFolders, privateFolders: PrivateFolders, onSetAside: (line: SetAside) => void) {
    this.#folders = folders;
    this.#private = privateFolders;
    this.#onSetAside = onSetAside;
  }

  /** Whole, if it is a folder. Throws what the disk says; then it stands where it was. */
  take(path: string, reason: string): void {
    this.#keep(path, reason, (to) => {
      renameSync(this.#folders.parent(path).at(nameOf(path)), to);
      // The folder that was open under its old name may be this one.
      this.#folders.forget();
    });
  }

  /** What stood at `path` and lies in the private folder now. */
  keep(path: string, reason: string, from: string): void {
    this.#keep(path, reason, (to) => renameSync(from, to));
  }

  #keep(path: string, reason: string, move: (to: string) => void): void {
    this.#count += 1;
    const at = new Date().toISOString();
    const kept = `${PrivateFolders.conflicts}/${at.replaceAll(/[:.]/g, "-")}-${this.#count}/${path}`;
    const to = this.#private.at(kept);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    move(to);
    const line: SetAside = { at, path, reason, keptAs: `${privateFolder}/${kept}` };
    appendFileSync(this.#private.at(PrivateFolders.journal), `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
    this.#onSetAside(line);
  }
}
