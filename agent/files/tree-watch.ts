import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { privateFolder } from "../../shared/domain/replication/files/file-entry.ts";

/** The kernel counts watches; folders beyond this are seen by the survey alone. */
const watchesMax = 8_192;

/** Tells in which folders of a tree something has changed. It may miss some: a survey now and then is the net under it. */
export class TreeWatch {
  readonly #top: string;
  readonly #onStir: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #stirred = new Set<string>();

  constructor(top: string, onStir: () => void) {
    this.#top = top;
    this.#onStir = onStir;
  }

  add(folder: string): void {
    if (this.#watchers.has(folder) || this.#watchers.size >= watchesMax) return;
    let watcher: FSWatcher;
    try {
      watcher = watch(join(this.#top, folder), { persistent: false }, (_event, name) => {
        if (folder === "" && name === privateFolder) return;
        this.#stirred.add(folder);
        this.#onStir();
      });
    } catch {
      // Gone again, or no watches left: the survey notices what changes.
      return;
    }
    this.#watchers.set(folder, watcher);
    watcher.once("error", () => this.#remove(folder));
  }

  /** Each is told once. */
  take(): string[] {
    const stirred = [...this.#stirred];
    this.#stirred = new Set();
    // A folder that was moved or made anew is another one under the same name: what watched it watches no longer.
    for (const folder of stirred) this.#remove(folder);
    return stirred;
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
