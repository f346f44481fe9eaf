import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Chunk, FileEntry } from "../../shared/domain/replication/files/file-entry.ts";
import { fill, readChunk } from "./chunk-reading.ts";
import { sha256Of } from "./content-reading.ts";
import { bytesOf, type WantedChunk } from "./pieces.ts";
import type { PrivateFolders } from "./private-folders.ts";
import type { TreeFolders } from "./tree-folder.ts";
import type { TreeState } from "./tree-state.ts";
import type { WorkSignal } from "./work-signal.ts";

export interface ChunkSource {
  /** Resolves with the chunk's bytes, not checked yet. Rejects with the reasons where no node has it now. */
  fetch(want: WantedChunk): Promise<Uint8Array>;
}

export interface AssemblyParts {
  readonly top: string;
  readonly private: PrivateFolders;
  readonly folders: TreeFolders;
  readonly state: TreeState;
  readonly source: ChunkSource;
  readonly signal: WorkSignal;
}

/** A file that is to be put together. */
export interface Wanted {
  readonly entry: FileEntry;
  readonly chunks: readonly Chunk[];
  /** No file of this tree has any of it: none need be looked for. */
  readonly isNowhere: boolean;
}

const { O_CREAT, O_NOFOLLOW, O_RDWR, O_TRUNC, O_WRONLY } = constants;
/** Of one file: what is under way between the nodes is bounded by its bytes (limits.ts). */
const askedAtOnceMax = 32;
/** Of a disk, left to others. */
const sparePart = 0.01;
/** Others fill a disk as well: what is free on it is asked for anew after so long. */
const roomKnownForMs = 100;

/** The tree's disk, and whose the tree is. */
interface Room {
  bytes: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly atMs: number;
}

/** Puts files together in the private folder: from what came before an interruption, from other files of this tree, and from the other nodes, each chunk checked. */
export class Assembly {
  readonly #parts: AssemblyParts;
  /** Whole, and not in their place yet. */
  readonly #ready = new Set<string>();
  /** In the private folder. */
  readonly #names = new WeakMap<FileEntry, string>();
  #room: Room | undefined;

  constructor(parts: AssemblyParts) {
    this.#parts = parts;
  }

  /** Where a file is put together: the same place after a restart. */
  placeOf(entry: FileEntry): string {
    const name = this.#names.get(entry) ?? `${sha256Of(Buffer.from(entry.path)).slice(0, 32)}-${entry.content.slice(0, 32)}`;
    this.#names.set(entry, name);
    return `${this.#parts.private.incoming}/${name}`;
  }

  /** It is taken from its place now, or could not be: what is made of it next is made anew. */
  forget(entry: FileEntry): void {
    this.#ready.delete(keyOf(entry));
  }

  /** Nothing more is wanted of what has arrived. */
  clear(): void {
    this.#ready.clear();
    this.#parts.private.clearIncoming();
  }

  /** Resolves when the file is whole, each of its chunks checked, and has its owner, rights and time. Rejects with the reason where it cannot be had. */
  async make(wanted: Wanted): Promise<void> {
    const { entry, chunks } = wanted;
    const key = keyOf(entry);
    if (this.#ready.has(key)) return;
    if (bytesOf(chunks) !== entry.size) throw new Error("the list of its chunks is not here");
    if (chunks.length > 1) await this.#makeOfMany(wanted);
    else await this.#makeOfOne(wanted);
    this.#ready.add(key);
  }

  /** Nothing is opened before all of it is here: many of these are made at the same time. */
  async #makeOfOne({ entry, chunks: [chunk], isNowhere }: Wanted): Promise<void> {
    const { signal } = this.#parts;
    await signal.turn();
    this.#requireSpace(entry.size);
    const home = chunk === undefined || isNowhere ? undefined : this.#atHome(chunk);
    const bytes = chunk === undefined ? new Uint8Array(0) : (home ?? (await this.#fetched(entry, chunk)));
    await signal.turn();
    const file = openSync(this.placeOf(entry), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      writeAll(file, bytes, 0);
      this.#dress(file, entry);
    } finally {
      closeSync(file);
    }
  }

  async #makeOfMany({ entry, chunks }: Wanted): Promise<void> {
    const file = openSync(this.placeOf(entry), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      const present = fstatSync(file).size;
      this.#requireSpace(entry.size - present);
      await this.#fill(file, present, entry, chunks);
      if (present > entry.size) ftruncateSync(file, entry.size);
      this.#dress(file, entry);
    } finally {
      closeSync(file);
    }
  }

  /** `present`: bytes that it has already. */
  async #fill(file: number, present: number, entry: FileEntry, chunks: readonly Chunk[]): Promise<void> {
    const next = chunks[Symbol.iterator]();
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let step = next.next(); !step.done && failures.length === 0; step = next.next()) {
        const chunk = step.value;
        await this.#parts.signal.turn();
        if (chunk.start + chunk.bytes <= present && isThere(file, chunk)) continue;
        writeAll(file, this.#atHome(chunk) ?? (await this.#fetched(entry, chunk)), chunk.start);
      }
    };
    const working = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    await Promise.all(Array.from({ length: Math.min(askedAtOnceMax, chunks.length) }, working));
    if (failures.length > 0) throw failures[0];
  }

  async #fetched(entry: FileEntry, chunk: Chunk): Promise<Uint8Array> {
    const bytes = await this.#parts.signal.unlessInterrupted(this.#parts.source.fetch({ path: entry.path, ...chunk }));
    if (bytes.length !== chunk.bytes || sha256Of(bytes) !== chunk.sha256) throw new Error("a chunk of it came damaged");
    return bytes;
  }

  /** The chunk from a file of this tree, if it still is what it was when it was read. */
  #atHome(chunk: Chunk): Uint8Array | undefined {
    const places = this.#parts.state.places(chunk.sha256);
    if (places.length === 0) return undefined;
    const bytes = new Uint8Array(chunk.bytes);
    const isHere = places.some(({ path, start }) => readChunk(this.#parts.folders, { ...chunk, path, start }, bytes));
    return isHere ? bytes : undefined;
  }

  /** The tree's owner gets it; only root can give files away. */
  #dress(file: number, { mode, mtimeUs }: FileEntry): void {
    if (process.getuid?.() === 0) {
      const { uid, gid } = this.#roomNow().owner;
      if (uid !== 0 || gid !== process.getgid?.()) fchownSync(file, uid, gid);
    }
    fchmodSync(file, mode);
    futimesSync(file, mtimeUs / 1_000_000, mtimeUs / 1_000_000);
  }

  #requireSpace(bytes: number): void {
    const room = this.#roomNow(bytes);
    room.bytes -= Math.max(0, bytes);
    if (room.bytes < 0) {
      throw Object.assign(new Error(`the disk of ${this.#parts.top} is full: free space there, and it goes on by itself`), {
        code: "ENOSPC",
      });
    }
  }

  #roomNow(bytes = 0): Room {
    const known = this.#room;
    if (known !== undefined && known.bytes >= bytes && performance.now() - known.atMs <= roomKnownForMs) return known;
    const { bavail, blocks, bsize } = statfsSync(this.#parts.private.incoming);
    this.#room = {
      bytes: bavail * bsize - blocks * bsize * sparePart,
      owner: lstatSync(join(this.#parts.top, ".")),
      atMs: performance.now(),
    };
    return this.#room;
  }
}

function keyOf({ path, content, mode, mtimeUs }: FileEntry): string {
  return `${content}:${mode}:${mtimeUs}:${path}`;
}

function isThere(file: number, { start, bytes, sha256 }: Chunk): boolean {
  const piece = new Uint8Array(bytes);
  return fill(file, piece, start) === bytes && sha256Of(piece) === sha256;
}

function writeAll(file: number, bytes: Uint8Array, start: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, start + done);
}
