import { ArrivalPace, type Rest } from "./arrival-pace.ts";
import { settledAtOnce } from "./batches.ts";
import type { OpenTree } from "./open-tree.ts";

/** It is counted so often, and in a large manifest for at most so small a part of the time. */
const measured = { everyMs: 250, share: 0.02 };
const nothing: Rest = { files: 0, bytes: 0 };

/** What a tree still lacks of what its manifest says, and when it will be there. */
export class Backlog {
  readonly #pace = new ArrivalPace();
  #rest = nothing;
  #dueAtMs = 0;

  get rest(): Rest {
    return this.#rest;
  }

  /** Null where nothing is to come, or nobody can tell yet. */
  get secondsLeft(): number | null {
    return this.#rest.files === 0 ? null : this.#pace.secondsFor(performance.now(), this.#rest);
  }

  begin(): void {
    this.#pace.restart(performance.now());
  }

  settled(arrived: Rest): void {
    this.#pace.arrived(performance.now(), arrived);
  }

  get isDue(): boolean {
    return performance.now() >= this.#dueAtMs;
  }

  /** `again`: paths that have been tried and are not done. */
  measure({ reading, manifest }: OpenTree, again: ReadonlyMap<string, string>): void {
    const beganMs = performance.now();
    const { files, bytes } = reading.unread;
    const waiting = [...manifest.entriesAt([...again.keys()].slice(0, settledAtOnce)).values()];
    this.#rest = { files: files + again.size, bytes: bytes + waiting.reduce((sum, { size }) => sum + size, 0) };
    const endedMs = performance.now();
    this.#dueAtMs = endedMs + Math.max(measured.everyMs, (endedMs - beganMs) / measured.share);
  }

  clear(): void {
    this.#rest = nothing;
  }
}
