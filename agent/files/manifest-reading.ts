import type { Manifest } from "./manifest.ts";
import type { TreeState } from "./tree-state.ts";

/** Each batch waits for the disk twice. */
const pathsMax = 4_000;
const bytesMax = 256 * 1_024 * 1_024;

interface Place {
  readonly epoch: number;
  readonly number: number;
}

/** Reads the manifest in the order in which it was written, batch by batch, and tells which paths may not be here yet as it says. */
export class ManifestReading {
  readonly #manifest: Manifest;
  readonly #state: TreeState;
  readonly #read = new Map<number, number>();
  /** Up to where the batch that was given out last goes: read when the next one is asked for. */
  #given: Place | undefined;
  /** Paths that are held and of which the manifest says nothing any more; looked for from this one on, once after each restart. */
  #orphansAfter: string | undefined = "";

  constructor(manifest: Manifest, state: TreeState) {
    this.#manifest = manifest;
    this.#state = state;
  }

  restart(): void {
    this.#read.clear();
    this.#given = undefined;
    this.#orphansAfter = "";
  }

  /** This node has just written these numbers of an epoch, one after another, as its own tree has them: there is nothing to read in them where all before has been read. */
  wrote(epoch: number, first: number, last: number): void {
    const isPending = this.#given?.epoch === epoch;
    if (!isPending && (this.#read.get(epoch) ?? 0) === first - 1) this.#read.set(epoch, last);
  }

  /** Undefined where everything has been read; a batch may be empty. `isSurveyed`: what has no entry is not in the writer's tree. */
  next(isSurveyed: boolean): string[] | undefined {
    if (this.#given !== undefined) this.#read.set(this.#given.epoch, this.#given.number);
    this.#given = undefined;
    for (const [epoch, highest] of this.#manifest.highest()) {
      const after = this.#read.get(epoch) ?? 0;
      if (after >= highest) continue;
      const paths: string[] = [];
      let bytes = 0;
      const written = this.#manifest.writtenAfter(epoch, after, pathsMax);
      const known = this.#state.heldAt(written.map(({ path }) => path));
      for (const entry of written) {
        const held = known.get(entry.path);
        const isHeld = held === undefined ? false : held.epoch === entry.epoch && held.number === entry.number;
        if (!isHeld && bytes > 0 && bytes + entry.size > bytesMax) break;
        this.#given = { epoch, number: entry.number };
        if (isHeld) continue;
        paths.push(entry.path);
        bytes += entry.size;
      }
      return paths;
    }
    return isSurveyed ? this.#orphans() : undefined;
  }

  get isAtEnd(): boolean {
    return [...this.#manifest.highest()].every(([epoch, highest]) => (this.#read.get(epoch) ?? 0) >= highest);
  }

  /** Entries that have not been given out yet, and the size of their files. */
  get unread(): { readonly files: number; readonly bytes: number } {
    let [files, bytes] = [0, 0];
    for (const epoch of this.#manifest.highest().keys()) {
      const read = this.#given?.epoch === epoch ? this.#given.number : this.#read.get(epoch);
      const rest = this.#manifest.restAfter(epoch, read ?? 0);
      files += rest.files;
      bytes += rest.bytes;
    }
    return { files, bytes };
  }

  #orphans(): string[] | undefined {
    if (this.#orphansAfter === undefined) return undefined;
    const held = this.#state.after(this.#orphansAfter, pathsMax);
    this.#orphansAfter = held.at(-1);
    const entries = this.#manifest.entriesAt(held);
    return held.length === 0 ? undefined : held.filter((path) => !entries.has(path)).toReversed();
  }
}
