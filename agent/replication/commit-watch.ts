import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** How often to look although nothing was reported: the net under the push, for file systems that do not report. */
const lookEveryMs = 500;
/** Reports within this time are one: a busy application makes thousands a second. */
const gatherMs = 1;

/** Calls `onStir` soon after the database's files have changed, and now and then in any case. */
export class CommitWatch {
  readonly #onStir: () => void;
  readonly #interval: NodeJS.Timeout;
  readonly #path: string;
  #watcher: FSWatcher | undefined;
  #gathering: NodeJS.Timeout | undefined;

  constructor(path: string, onStir: () => void) {
    this.#path = path;
    this.#onStir = onStir;
    this.#interval = setInterval(() => {
      this.#watch();
      onStir();
    }, lookEveryMs);
    this.#watch();
  }

  close(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#gathering);
    this.#watcher?.close();
  }

  /** The folder is watched, not the file: a write-ahead log comes and goes. It may not exist yet, so this is tried again. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const name = basename(this.#path);
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_event, file) => {
        if (file === null || file.startsWith(name)) this.#gather();
      });
    } catch {
      // No folder yet, or no watches left: the interval alone notices commits then.
      return;
    }
    this.#watcher.once("error", () => {
      this.#watcher?.close();
      this.#watcher = undefined;
    });
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#onStir();
    }, gatherMs);
  }
}
