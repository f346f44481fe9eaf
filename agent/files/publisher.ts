import {
  type Chunk,
  type FileDescription,
  type FileEntry,
  nothingThere,
  sameDescription,
} from "../../shared/domain/replication/files/file-entry.ts";
import { foldedPath, linkProblem, nameOf } from "../../shared/domain/replication/files/path-rules.ts";
import { isValid, type TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import { ChangedWhileRead, readContent } from "./content-reading.ts";
import { type Found, look, nothingFound } from "./found.ts";
import type { Manifest, Publication } from "./manifest.ts";
import type { Difference, SurveyParts } from "./survey.ts";
import type { Held } from "./tree-state.ts";
import { Interrupted, type WorkSignal } from "./work-signal.ts";

/** A file that was written just now is likely to be written again: it is read when it has rested so long, or at the latest after the second time. */
const restMs = 150;
const unrestMsMax = 5_000;
/** A change this young may be followed by another one within the same tick of the file system's clock. */
const clockTickMs = 50;
/** Others begin to fetch the first files while the next are read; each batch waits for the disk, so that they grow. */
const batchSizes = { first: 500, most: 4_000 };
const batchBytesMax = 32 * 1_024 * 1_024;

/** Which of the values that some differences have stand in the state at all. */
interface Known {
  readonly folded: ReadonlySet<string>;
  readonly inodes: ReadonlySet<string>;
}

interface Finished {
  readonly publication: Publication;
  readonly found: Found;
}

export interface PublisherParts extends SurveyParts {
  readonly manifest: Manifest;
  readonly signal: WorkSignal;
  /** Entries are in the manifest, and this tree has them, numbered from the first to the last one. */
  readonly onWritten: (epoch: number, first: number, last: number) => void;
  /** Asked for before every write: a lease that has ended in the meantime ends this. */
  readonly tenure: () => TreeTenure | undefined;
}

/** The writer's part: what has changed in its tree is read, described and published, rename for rename. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #restless = new Map<string, number>();
  readonly #batch = new Map<string, Finished>();
  #batchMax = batchSizes.first;
  /** Read for the batch. */
  #batchBytes = 0;
  /** Seen since `publish` was called: paths by what they fold to. */
  readonly #folded = new Map<string, string>();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** Changed too recently, or while they were read: to be looked at again soon. */
  get restless(): readonly string[] {
    return [...this.#restless.keys()];
  }

  /**
   * Returns how many entries were written. `now`: what changed a moment ago is read all the same. `isSurvey`: what is restless is among the differences
   * if it is still there.
   */
  async publish(
    differences: AsyncIterable<Difference> | Iterable<Difference>,
    { now, isSurvey }: { readonly now: boolean; readonly isSurvey: boolean },
  ): Promise<number> {
    let published = 0;
    this.#batchMax = batchSizes.first;
    const unseen = new Set(isSurvey ? this.#restless.keys() : []);
    const group: Difference[] = [];
    try {
      for await (const difference of differences) {
        unseen.delete(difference.path);
        group.push(difference);
        if (group.length < batchSizes.first) continue;
        published += await this.#takeAll(group.splice(0), now);
      }
      published += await this.#takeAll(group, now);
    } finally {
      published += this.#write();
      this.#folded.clear();
    }
    for (const path of unseen) this.#restless.delete(path);
    return published;
  }

  /** What the state has of any of them is asked for once. */
  async #takeAll(differences: readonly Difference[], now: boolean): Promise<number> {
    const { state } = this.#parts;
    const standing = differences.filter(({ found }) => found.kind !== "gone");
    const known: Known = {
      folded: state.present(
        "folded",
        standing.map(({ path }) => foldedPath(path)),
      ),
      inodes: state.present(
        "inode",
        standing.map(({ found }) => found.inode),
      ),
    };
    let published = 0;
    for (const difference of differences) {
      await this.#take(difference, known, now);
      if (this.#batch.size < this.#batchMax && this.#batchBytes < batchBytesMax) continue;
      published += this.#write();
      this.#batchMax = Math.min(this.#batchMax * 2, batchSizes.most);
    }
    return published;
  }

  async #take({ path, found, held }: Difference, known: Known, now: boolean): Promise<void> {
    const { refused } = this.#parts;
    const problem = this.#problem(path, found, known);
    if (problem !== undefined) {
      refused.add(path, problem);
      if (held !== undefined) this.#add(path, { ...nothingThere, mtimeUs: nowUs() }, [], found);
      return;
    }
    refused.remove(path);
    if (found.kind === "gone") {
      this.#restless.delete(path);
      return this.#add(path, { ...nothingThere, mtimeUs: nowUs() }, [], found);
    }
    if (found.kind === "directory") return this.#add(path, { ...nothingThere, kind: "directory", mode: found.mode }, [], found);
    if (found.kind === "link") return this.#add(path, { ...nothingThere, kind: "link", target: found.target }, [], found);
    const source = known.inodes.has(found.inode) ? this.#renamedFrom(path, found) : undefined;
    if (source !== undefined) {
      const { kind, size, content, target } = source;
      this.#add(
        path,
        { kind, size, content, target, mode: found.mode, mtimeUs: found.mtimeUs },
        this.#parts.manifest.chunksOf(source),
        found,
      );
      const before = this.#look(source.path);
      if (before.kind === "gone") this.#add(source.path, { ...nothingThere, mtimeUs: nowUs() }, [], before);
      return;
    }
    if (!now && !this.#hasRested(path, found)) return;
    await this.#read(path, found);
  }

  #problem(path: string, found: Found, known: Known): string | undefined {
    if (found.kind === "other") return "it is neither file, folder nor link";
    if (found.kind === "link") return linkProblem(path, found.target);
    if (found.kind === "gone") return undefined;
    const folded = foldedPath(path);
    const clash = (known.folded.has(folded) ? this.#parts.state.clash(path) : undefined) ?? this.#folded.get(folded);
    if (clash === undefined || clash === path || this.#look(clash).kind === "gone") return undefined;
    return `its name differs from ${nameOf(clash)} only in upper and lower case, or in how an accent is written: rename one of them`;
  }

  async #read(path: string, found: Found): Promise<void> {
    try {
      const place = this.#parts.folders.parent(path).at(nameOf(path));
      const { sha256, size, chunks } = await readContent(place, () => this.#parts.signal.turn());
      this.#batchBytes += size;
      const after = this.#look(path);
      if (after.signature !== found.signature) throw new ChangedWhileRead("it was written while it was read");
      this.#restless.delete(path);
      const isFresh = Date.now() - found.changedAtMs < clockTickMs;
      if (isFresh) this.#restless.set(path, performance.now());
      const seen = isFresh ? { ...found, signature: "to be read again" } : found;
      this.#add(path, { kind: "file", mode: found.mode, mtimeUs: found.mtimeUs, size, content: sha256, target: "" }, chunks, seen);
    } catch (error) {
      if (
        error instanceof ChangedWhileRead ||
        error instanceof Interrupted ||
        ["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")
      ) {
        // What is written faster than it can be read is not read all the time.
        this.#restless.set(path, performance.now());
        return;
      }
      this.#restless.delete(path);
      this.#parts.refused.add(path, `it cannot be read: ${reasonOf(error)}`);
    }
  }

  #hasRested(path: string, found: Found): boolean {
    const ageMs = Date.now() - found.changedAtMs;
    // A change that lies in the future says that the clock was set: nothing can be told from it.
    if (ageMs < 0 || ageMs >= restMs) return true;
    const since = this.#restless.get(path) ?? performance.now();
    this.#restless.set(path, since);
    return performance.now() - since >= unrestMsMax;
  }

  /** The same file under a name that it no longer has: what is in it is known. */
  #renamedFrom(path: string, found: Found): Held | undefined {
    const unchanged = contentPart(found.signature);
    return this.#parts.state
      .withInode(found.inode)
      .find(
        (held) =>
          held.kind === "file" &&
          held.path !== path &&
          contentPart(held.signature) === unchanged &&
          this.#look(held.path).inode !== found.inode,
      );
  }

  #look(path: string): Found {
    try {
      return look(this.#parts.folders.parent(path).at(nameOf(path)));
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")) return nothingFound;
      throw error;
    }
  }

  #add(path: string, is: FileDescription, chunks: readonly Chunk[], found: Found): void {
    this.#batch.set(path, { publication: { path, is, chunks }, found });
    if (is.kind !== "gone") this.#folded.set(foldedPath(path), path);
  }

  #write(): number {
    const { manifest, state } = this.#parts;
    const batch = [...this.#batch.values()];
    this.#batch.clear();
    this.#batchBytes = 0;
    const tenure = this.#parts.tenure();
    if (tenure === undefined || batch.length === 0) return 0;
    const entriesBefore = manifest.entriesAt(batch.map(({ publication }) => publication.path));
    const known: Finished[] = [];
    const news: Finished[] = [];
    for (const finished of batch) {
      const { path, is } = finished.publication;
      (isPublished(entriesBefore.get(path), is, tenure) ? known : news).push(finished);
    }
    const written = manifest.publish(
      tenure.epoch,
      news.map(({ publication }) => publication),
    );
    const entries = [...written, ...known.flatMap(({ publication }) => entriesBefore.get(publication.path) ?? [])];
    const found = new Map([...news, ...known].map((finished) => [finished.publication.path, finished]));
    const gone = [...news, ...known].filter(({ publication }) => publication.is.kind === "gone").map(({ publication }) => publication.path);
    const held = entries.flatMap((entry) => {
      const finished = found.get(entry.path);
      if (entry.kind === "gone" || finished === undefined) return [];
      const { signature, inode } = finished.found;
      return [{ held: { ...entry, signature, inode }, chunks: finished.publication.chunks }];
    });
    state.hold(held, gone);
    const [first, last] = [written[0], written.at(-1)];
    if (first !== undefined && last !== undefined) this.#parts.onWritten(tenure.epoch, first.number, last.number);
    return news.length;
  }
}

function isPublished(entry: FileEntry | undefined, is: FileDescription, tenure: TreeTenure): boolean {
  if (entry === undefined) return is.kind === "gone";
  return isValid(entry, tenure) && (is.kind === "gone" ? entry.kind === "gone" : sameDescription(entry, is));
}

/** A signature without the time of the file's last change of name or rights. */
function contentPart(signature: string): string {
  return signature.slice(0, signature.lastIndexOf(":"));
}

function nowUs(): number {
  return Date.now() * 1_000;
}
