import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** How often to look although nothing was reported: the net under the push, for file systems that do not report. */
const lookEveryMs = 500;
/** After the first look, reports within this time are one: a busy application makes thousands a second. */
const gatherMs = 1;
/**
 * A file is reported when it is written, and its commit shows some ten microseconds later, or, if it is synced, only when the disk has it: nothing is reported then. So each report is
 * looked into at once, where none was for a while, and followed by further looks, close together for as long as disks usually take, then further and further apart.
 */
const furtherLooks = { closeCount: 16, closeMs: 1, growth: 1.5, endMs: lookEveryMs };

/** Calls `onStir` soon after the database's files have changed, a few times more for what shows later, and now and then in any case. */
export class CommitWatch {
  readonly #onStir: () => void;
  readonly #interval: NodeJS.Timeout;
  readonly #path: string;
  #watcher: FSWatcher | undefined;
  #first: NodeJS.Immediate | undefined;
  #next: NodeJS.Timeout | undefined;
  /** Since the last report. */
  #looks = 0;

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
    clearImmediate(this.#first);
    clearTimeout(this.#next);
    this.#watcher?.close();
  }

  /** The folder is watched, not the file: a write-ahead log comes and goes. It may not exist yet, so this is tried again. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const name = basename(this.#path);
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_event, file) => {
        if (file === null || file.startsWith(name)) this.#reported();
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

  #reported(): void {
    // Looks that are close together already take what has come now with them.
    const isSoon = this.#next !== undefined && this.#looks <= furtherLooks.closeCount;
    this.#looks = 0;
    if (isSoon) return;
    this.#first = setImmediate(this.#onStir);
    this.#lookIn(gatherMs);
  }

  #lookIn(pauseMs: number): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => {
      this.#looks += 1;
      const pauseMs = pauseBefore(this.#looks + 1);
      this.#next = undefined;
      if (pauseMs < furtherLooks.endMs) this.#lookIn(pauseMs);
      this.#onStir();
    }, pauseMs);
  }
}

function pauseBefore(look: number): number {
  const { closeCount, closeMs, growth } = furtherLooks;
  return closeMs * growth ** Math.max(0, look - closeCount);
}
