import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ChunkSet } from "../../shared/domain/replication/chunk-set.ts";
import { readIfPresent } from "../storage/durable-file.ts";
import { type ArrivalNote, noteLine, readNotes } from "./arrival-notes.ts";
import { type Chunk, type ChunkSource, chunkBuffers, chunksOf, placeOf, sha256Of } from "./chunk-source.ts";
import { removeDatabase } from "./consistent-copy.ts";

/** Written back to the disk in between, so that little is left for the end. */
const writeBackEveryBytes = 64 * 1_024 * 1_024;
/** What SQLite may have put beside it. */
const beside = ["-journal", "-wal", "-shm"];
const notesSuffix = ".notes";

/**
 * A snapshot on its way into this node: a file beside the database's place, and a file of notes that tells which chunks it has. What is noted is
 * read again and compared before it counts, so neither a kill nor a power cut can make half a chunk pass for a whole one.
 */
export class ArrivingSnapshot implements ChunkSource {
  readonly path: string;
  readonly snapshot: string;
  readonly lineage: string;
  readonly bytesTotal: number;
  readonly have: ChunkSet;
  bytesDone = 0;
  readonly #file: FileHandle;
  readonly #notes: FileHandle;
  readonly #buffers = chunkBuffers();
  readonly #hashes = new Map<number, string>();
  /** Chunks of an earlier snapshot, in their places until this one's come. */
  readonly #earlier = new Map<number, string>();
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #lost: Error | undefined;
  #closed = false;

  private constructor(path: string, note: ArrivalNote, files: Files) {
    this.path = path;
    this.snapshot = note.snapshot;
    this.lineage = note.lineage;
    this.bytesTotal = note.bytesTotal;
    this.have = new ChunkSet(chunksOf(note.bytesTotal));
    this.#file = files.file;
    this.#notes = files.notes;
  }

  /** Begins a new one in place of whatever lies there. What an earlier one has left is kept where the new one turns out to have the same. */
  static async begin(path: string, note: ArrivalNote, left?: ArrivingSnapshot): Promise<ArrivingSnapshot> {
    const earlier = left === undefined ? [] : [...left.#earlier, ...left.#hashes];
    await left?.close();
    await removeDatabase(path, left === undefined ? ["", ...beside, notesSuffix] : [...beside, notesSuffix]);
    const arriving = new ArrivingSnapshot(path, note, await openFiles(path, left === undefined ? "wx+" : "r+", "ax"));
    for (const [chunk, sha256] of earlier) arriving.#remember(chunk, sha256);
    return arriving.#prepared(async () => {
      await arriving.#file.truncate(note.bytesTotal);
      const lines = earlier.map(([chunk, sha256]) => noteLine({ chunk, sha256, earlier: true }));
      await arriving.#notes.appendFile(noteLine(note) + lines.join(""));
    });
  }

  /** Takes up what an interrupted one has left; undefined where there is nothing of use. */
  static async resume(path: string, dataSet: string): Promise<ArrivingSnapshot | undefined> {
    const known = readNotes((await readIfPresent(path + notesSuffix)) ?? "");
    // A second name means that it was put in its place already: it is the application's file now, never to be written to here.
    const isFree = statSync(path, { throwIfNoEntry: false })?.nlink === 1;
    if (known === undefined || known.note.dataSet !== dataSet || !isFree) {
      await ArrivingSnapshot.remove(path);
      return undefined;
    }
    const arriving = new ArrivingSnapshot(path, known.note, await openFiles(path, "r+", "a"));
    return arriving.#prepared(async () => {
      await removeDatabase(path, beside);
      for (const { chunk, sha256, earlier } of known.chunks) {
        if (!(await arriving.#holds(chunk, sha256))) continue;
        if (earlier === true) arriving.#remember(chunk, sha256);
        else arriving.#add(chunk, sha256);
      }
    });
  }

  /** The notes first: what lies there without them is never taken up again. */
  static async remove(path: string): Promise<void> {
    await removeDatabase(path, [notesSuffix]);
    await removeDatabase(path, ["", ...beside]);
  }

  /** The disk has failed to keep some of it, and may say that it has kept it when it is asked again: none of it can be trusted. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  async read(chunk: number): Promise<Chunk> {
    const sha256 = this.#hashes.get(chunk);
    if (sha256 === undefined || this.#closed) throw new Error(`chunk ${chunk} of the snapshot is not here`);
    return { bytes: await this.#bytesOf(chunk), sha256 };
  }

  release(bytes: Uint8Array): void {
    this.#buffers.release(bytes);
  }

  /** Throws where it is not the chunk that it should be, or cannot be written. */
  async write(chunk: number, bytes: Uint8Array, sha256: string): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.have.has(chunk) || this.#closed) return;
    const { offset, length } = placeOf(chunk, this.bytesTotal);
    if (bytes.length !== length || (await sha256Of(bytes)) !== sha256) throw new Error(`chunk ${chunk} of the snapshot is damaged`);
    // A disk that fills up takes a part of a chunk before it says so.
    for (let done = 0; done < length; ) done += (await this.#file.write(bytes, done, length - done, offset + done)).bytesWritten;
    this.#add(chunk, sha256);
    await this.#notes.appendFile(noteLine({ chunk, sha256 }));
    this.#unsyncedBytes += length;
    if (this.#unsyncedBytes >= writeBackEveryBytes) this.#writeBack();
  }

  /** The SHA-256 of what an earlier snapshot has left in a chunk's place, if anything. */
  known(chunk: number): string | null {
    return this.#earlier.get(chunk) ?? null;
  }

  /** The chunk is the one that an earlier snapshot has left. Throws where it is not. */
  async keep(chunk: number, sha256: string): Promise<void> {
    if (this.have.has(chunk) || this.#closed) return;
    if (this.#earlier.get(chunk) !== sha256) throw new Error(`chunk ${chunk} of the snapshot is not here`);
    this.#add(chunk, sha256);
    await this.#notes.appendFile(noteLine({ chunk, sha256 }));
  }

  /** Gives the files up. What has come stays there. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#syncing;
    await Promise.all([this.#file.close(), this.#notes.close()]);
  }

  #writeBack(): void {
    this.#unsyncedBytes = 0;
    this.#syncing ??= this.#file
      .datasync()
      .catch((error: Error) => {
        this.#lost = error;
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  async #prepared(work: () => Promise<void>): Promise<this> {
    try {
      await work();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #add(chunk: number, sha256: string): void {
    if (this.have.has(chunk)) return;
    this.have.add(chunk);
    this.#hashes.set(chunk, sha256);
    this.#earlier.delete(chunk);
    this.bytesDone += placeOf(chunk, this.bytesTotal).length;
  }

  #remember(chunk: number, sha256: string): void {
    if (chunk < this.have.size) this.#earlier.set(chunk, sha256);
  }

  async #holds(chunk: number, sha256: string): Promise<boolean> {
    if (chunk >= this.have.size) return false;
    const bytes = await this.#bytesOf(chunk).catch(() => undefined);
    if (bytes === undefined) return false;
    const isSame = (await sha256Of(bytes)) === sha256;
    this.release(bytes);
    return isSame;
  }

  async #bytesOf(chunk: number): Promise<Buffer<ArrayBuffer>> {
    const { offset, length } = placeOf(chunk, this.bytesTotal);
    const bytes = this.#buffers.take(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new Error(`chunk ${chunk} of the snapshot cannot be read`);
    return bytes;
  }
}

interface Files {
  readonly file: FileHandle;
  readonly notes: FileHandle;
}

async function openFiles(path: string, fileFlags: string, notesFlags: string): Promise<Files> {
  const file = await open(path, fileFlags, 0o600);
  try {
    return { file, notes: await open(path + notesSuffix, notesFlags, 0o600) };
  } catch (error) {
    await file.close();
    throw error;
  }
}
