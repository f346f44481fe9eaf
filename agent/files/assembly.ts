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
import { nameOf } from "../../shared/domain/replication/files/path-rules.ts";
import { readOnlyNoFollow, readPiece, sha256Of } from "./content-reading.ts";
import type { PrivateFolders } from "./private-folders.ts";
import type { TreeFolders } from "./tree-folder.ts";
import type { TreeState } from "./tree-state.ts";
import type { WorkSignal } from "./work-signal.ts";

/** A chunk of a file as another node's tree has it. */
export interface WantedChunk extends Chunk {
  readonly path: string;
}

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

const temporaryFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const askedAtOnceMax = 8;
/** Of a disk, left to others. */
const sparePart = 0.01;
/** Others fill a disk as well: what is free on it is asked for anew after so long. */
const roomKnownForMs = 100;

/** Puts files together in the private folder: from what came before an interruption, from other files of this tree, and from the other nodes, each chunk checked. */
export class Assembly {
  readonly #parts: AssemblyParts;
  #room = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(parts: AssemblyParts) {
    this.#parts = parts;
  }

  /** Where a file is put together: the same place after a restart. */
  placeOf({ path, content }: FileEntry): string {
    return join(this.#parts.private.incoming, `${sha256Of(Buffer.from(path)).slice(0, 32)}-${content.slice(0, 32)}`);
  }

  /** Resolves when the file is whole, each of its chunks checked, and has its owner, rights and time. Rejects with the reason where it cannot be had. */
  async make(entry: FileEntry, chunks: readonly Chunk[]): Promise<void> {
    const place = this.placeOf(entry);
    const file = openSync(place, temporaryFlags, 0o600);
    try {
      if (chunks.reduce((sum, { bytes }) => sum + bytes, 0) !== entry.size) throw new Error("the list of its chunks is not here");
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
        const isHere = chunk.start + chunk.bytes <= present && sha256Of(readPiece(file, chunk.start, chunk.bytes)) === chunk.sha256;
        if (!isHere) writeAll(file, this.#atHome(chunk) ?? (await this.#fetched(entry, chunk)), chunk.start);
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
  #atHome(chunk: Chunk): Buffer | undefined {
    for (const place of this.#parts.state.places(chunk.sha256)) {
      const bytes = readChunk(this.#parts.folders, { path: place.path, ...chunk, start: place.start });
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  /** The tree's owner gets it; only root can give files away. */
  #dress(file: number, { mode, mtimeUs }: FileEntry): void {
    if (process.getuid?.() === 0) {
      const { uid, gid } = lstatSync(join(this.#parts.top, "."));
      fchownSync(file, uid, gid);
    }
    fchmodSync(file, mode);
    futimesSync(file, mtimeUs / 1_000_000, mtimeUs / 1_000_000);
  }

  #requireSpace(bytes: number): void {
    if (this.#room.bytes < bytes || performance.now() - this.#room.atMs > roomKnownForMs) this.#room = this.#measured();
    this.#room.bytes -= Math.max(0, bytes);
    if (this.#room.bytes < 0) {
      throw Object.assign(new Error(`the disk of ${this.#parts.top} is full: free space there, and it goes on by itself`), {
        code: "ENOSPC",
      });
    }
  }

  #measured(): { bytes: number; readonly atMs: number } {
    const { bavail, blocks, bsize } = statfsSync(this.#parts.private.incoming);
    return { bytes: bavail * bsize - blocks * bsize * sparePart, atMs: performance.now() };
  }
}

/** A chunk out of a file of the tree, found right by its hash; undefined where it is not, or there is no such file. */
export function readChunk(folders: TreeFolders, { path, start, bytes, sha256 }: WantedChunk): Buffer | undefined {
  let file: number;
  try {
    file = openSync(folders.parent(path).at(nameOf(path)), readOnlyNoFollow);
  } catch {
    // Moved or removed since: the chunk is not here, which is an answer.
    return undefined;
  }
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const piece = readPiece(file, start, bytes);
    return piece.length === bytes && sha256Of(piece) === sha256 ? piece : undefined;
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array, start: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, start + done);
}
