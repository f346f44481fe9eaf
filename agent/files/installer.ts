import {
  closeSync,
  fchmodSync,
  fstatSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import type { Chunk, FileEntry } from "../../shared/domain/replication/files/file-entry.ts";
import { nameOf, parentOf } from "../../shared/domain/replication/files/path-rules.ts";
import type { Settlement } from "../../shared/domain/replication/files/settlement.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import type { Assembly } from "./assembly.ts";
import { readOnlyNoFollow } from "./content-reading.ts";
import { type Found, look } from "./found.ts";
import type { PrivateFolders } from "./private-folders.ts";
import type { SetAsides } from "./set-aside.ts";
import { syncFiles, syncFolders } from "./sync-files.ts";
import type { TreeFolders } from "./tree-folder.ts";
import type { Held, TreeState } from "./tree-state.ts";
import { Interrupted, type WorkSignal } from "./work-signal.ts";

/** One path that is to be brought to what its entry says. */
export interface Job {
  readonly settlement: Settlement;
  readonly entry: FileEntry;
  /** What stood there when that was decided. */
  readonly found: Found;
  readonly chunks: readonly Chunk[];
  /** The same file under the name that it had. */
  readonly movedFrom?: Held;
}

export interface InstallerParts {
  readonly top: string;
  readonly folders: TreeFolders;
  readonly state: TreeState;
  readonly private: PrivateFolders;
  readonly assembly: Assembly;
  readonly setAsides: SetAsides;
  readonly signal: WorkSignal;
  /** A folder has come: what changes in it is to be noticed. */
  readonly onFolder: (path: string) => void;
}

const reasonChanged = "changed on this node, which is not the writer";

/** Puts what is ready in its place, each path at once or not at all, and never over something that nobody has looked at. */
export class Installer {
  readonly #parts: InstallerParts;
  /** What stands in them may be lost with the power. */
  readonly #unsynced = new Set<string>();
  #outgoing = 0;

  constructor(parts: InstallerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with the paths that are not done, with the reasons: where the round is interrupted, whatever had not had its turn. Rejects with `Interrupted`
   * where it is before anything was put in its place. `meanwhile` is begun while the disk is waited for, and has ended when this has; it has to end soon where
   * the round is interrupted.
   */
  async install(jobs: readonly Job[], meanwhile: () => Promise<void>): Promise<Map<string, string>> {
    const again = new Map<string, string>();
    const { state, assembly, signal } = this.#parts;
    const places = jobs.filter(needsContent).map(({ entry }) => assembly.placeOf(entry));
    // A busy disk takes its time, for which nobody who takes over waits.
    const synced = signal.unlessInterrupted(syncFiles(this.#parts.top, places));
    const working = meanwhile();
    try {
      await synced;
    } finally {
      await working;
    }
    state.intend(jobs.filter(({ entry }) => entry.kind !== "gone").map(({ entry }) => entry));
    const done: { readonly held: Held; readonly chunks: readonly Chunk[] }[] = [];
    const gone: string[] = [];
    const moved = new Set<string>();
    // Folders before what is in them; what goes, at last and the deepest first: a file that only has another name is still there to be moved.
    for (const job of jobs.toSorted(inOrder)) {
      const { entry, chunks, movedFrom } = job;
      try {
        // Whoever takes over waits for one of them, not for all.
        await signal.turn();
        if (!moved.has(entry.path)) this.#carryOut(job);
        this.#unsynced.add(parentOf(entry.path));
        if (movedFrom !== undefined) moved.add(movedFrom.path);
        if (entry.kind === "gone") {
          gone.push(entry.path);
          continue;
        }
        if (entry.kind === "directory") this.#parts.onFolder(entry.path);
        const { signature, inode } = this.#look(entry.path);
        done.push({ held: { ...entry, signature, inode }, chunks });
      } catch (error) {
        again.set(entry.path, reasonOf(error));
        if (!(error instanceof Interrupted)) assembly.forget(entry);
      }
    }
    await this.#syncUnlessInterrupted();
    state.hold(done, [...gone, ...moved]);
    return again;
  }

  /** Resolves when the disk has whatever was put in its place. Rejects with `Interrupted` where the round is, and with what the disk says. */
  async sync(): Promise<void> {
    await this.#parts.signal.unlessInterrupted(syncFolders(this.#parts.top, this.#parts.folders, this.#unsynced));
    this.#unsynced.clear();
  }

  #carryOut(job: Job): void {
    const { settlement, entry, found } = job;
    const { setAsides } = this.#parts;
    switch (settlement) {
      case "keep":
        return;
      case "adjust":
        return this.#adjust(entry);
      case "remove":
        return this.#remove(entry.path, found);
      case "set-aside":
        return setAsides.take(entry.path, reasonChanged);
      case "set-aside-and-make":
        setAsides.take(entry.path, reasonChanged);
        return this.#make(job);
      case "make":
        return this.#make(job);
      case "replace":
        return entry.kind === "file" && found.kind === "file" ? this.#exchange(entry, found) : this.#removeAndMake(job);
    }
  }

  #removeAndMake(job: Job): void {
    this.#remove(job.entry.path, job.found);
    this.#make(job);
  }

  #make({ entry, movedFrom }: Job): void {
    this.#makeFolders(parentOf(entry.path));
    const place = this.#place(entry.path);
    switch (entry.kind) {
      case "directory":
        mkdirSync(place, { mode: 0o700 });
        this.#own(place);
        return this.#adjust(entry);
      case "link":
        symlinkSync(entry.target, place);
        return this.#own(place);
      case "file": {
        const from = movedFrom === undefined ? this.#parts.assembly.placeOf(entry) : this.#takeAway(movedFrom.path, movedFrom);
        // A link is refused where something has come to stand there meanwhile; a rename would be silent.
        linkSync(from, this.#place(entry.path));
        unlinkSync(from);
        this.#parts.assembly.forget(entry);
        if (movedFrom !== undefined) this.#adjust(entry);
        return;
      }
      case "gone":
        return;
    }
  }

  /** The new file takes the old one's name at once. The old one is kept by another until it has proved to be what it was taken for. */
  #exchange(entry: FileEntry, found: Found): void {
    const old = this.#nextOutgoing();
    linkSync(this.#place(entry.path), old);
    renameSync(this.#parts.assembly.placeOf(entry), this.#place(entry.path));
    this.#parts.assembly.forget(entry);
    this.#letGo(entry.path, old, found);
  }

  #remove(path: string, found: Found): void {
    if (found.kind === "gone") return;
    if (found.kind === "directory") return this.#removeFolder(path);
    this.#letGo(path, this.#takeAway(path, undefined), found);
  }

  /** Empty only; what else is in it is settled by its own path. A folder with local paths in it stays. */
  #removeFolder(path: string): void {
    try {
      rmdirSync(this.#place(path));
    } catch (error) {
      if (systemErrorCode(error) !== "ENOTEMPTY" || this.#parts.state.childrenOf(path).length > 0) throw error;
    }
    this.#parts.folders.forget();
  }

  /** Out of the tree, whole and at once. Throws where it is not the one that is meant; then it is set aside. */
  #takeAway(path: string, expected: Held | undefined): string {
    const old = this.#nextOutgoing();
    renameSync(this.#place(path), old);
    if (expected !== undefined && !isSameFile(look(old), expected.signature)) {
      this.#parts.setAsides.keep(path, reasonChanged, old);
      throw new Error("it was changed here in the meantime");
    }
    return old;
  }

  #letGo(path: string, old: string, found: Found): void {
    if (isSameFile(look(old), found.signature)) unlinkSync(old);
    else this.#parts.setAsides.keep(path, reasonChanged, old);
  }

  #adjust({ path, kind, mode, mtimeUs }: FileEntry): void {
    if (kind === "link") return;
    // By the open file, and not through a link, which may have come to stand there.
    const file = openSync(this.#place(path), readOnlyNoFollow);
    try {
      const is = fstatSync(file);
      if (kind === "file" ? !is.isFile() : !is.isDirectory()) throw new Error("it was changed here in the meantime");
      fchmodSync(file, mode);
      if (kind === "file") futimesSync(file, mtimeUs / 1_000_000, mtimeUs / 1_000_000);
    } finally {
      closeSync(file);
    }
  }

  /** Those that have not come yet; their own entries set their rights. */
  #makeFolders(path: string): void {
    if (path === "") return;
    try {
      this.#parts.folders.get(path);
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT") throw error;
      this.#makeFolders(parentOf(path));
      const place = this.#place(path);
      mkdirSync(place, { mode: 0o755 });
      this.#own(place);
    }
  }

  #own(place: string): void {
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = lstatSync(join(this.#parts.top, "."));
    lchownSync(place, uid, gid);
  }

  #place(path: string): string {
    return String(this.#parts.folders.parent(path).at(nameOf(path)));
  }

  #look(path: string): Found {
    return look(this.#place(path));
  }

  #nextOutgoing(): string {
    this.#outgoing += 1;
    return join(this.#parts.private.outgoing, `${process.pid}-${Date.now()}-${this.#outgoing}`);
  }

  /** Whoever takes over waits for no disk: it is made up for before anybody hears that the tree has all. */
  async #syncUnlessInterrupted(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}

function inOrder(one: Job, other: Job): number {
  const rank = stageOf(one) - stageOf(other);
  if (rank !== 0) return rank;
  const byPath = one.entry.path < other.entry.path ? -1 : 1;
  return stageOf(one) === 2 ? -byPath : byPath;
}

function stageOf({ entry, settlement }: Job): 0 | 1 | 2 {
  if (settlement === "remove") return 2;
  return entry.kind === "directory" ? 0 : 1;
}

/** The same file with the same content, whatever its name has become meanwhile. */
function isSameFile(now: Found, signature: string): boolean {
  return now.signature.slice(0, now.signature.lastIndexOf(":")) === signature.slice(0, signature.lastIndexOf(":"));
}

export function needsContent({ settlement, entry, movedFrom }: Job): boolean {
  return entry.kind === "file" && movedFrom === undefined && ["make", "replace", "set-aside-and-make"].includes(settlement);
}
