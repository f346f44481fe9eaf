import { type FileDescription, type FileEntry, nothingThere, sameDescription } from "../../shared/domain/replication/files/file-entry.ts";
import type { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import { linkProblem, nameOf, parentOf, pathProblem } from "../../shared/domain/replication/files/path-rules.ts";
import { type Settlement, settlementOf } from "../../shared/domain/replication/files/settlement.ts";
import { isFenced, isValid, type TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import { reasonOf } from "../agent-error.ts";
import type { Assembly, Wanted } from "./assembly.ts";
import { ChangedWhileRead, readContent } from "./content-reading.ts";
import { type Found, look, nothingFound } from "./found.ts";
import { type Installer, type Job, needsContent } from "./installer.ts";
import { KnownPaths } from "./known-paths.ts";
import type { Manifest } from "./manifest.ts";
import type { RefusedPaths } from "./refused-paths.ts";
import { sideBySide } from "./side-by-side.ts";
import { isMissing, type TreeFolders } from "./tree-folder.ts";
import type { Held, TreeState } from "./tree-state.ts";
import type { WorkSignal } from "./work-signal.ts";

export interface FollowerParts {
  readonly folders: TreeFolders;
  readonly state: TreeState;
  readonly local: LocalPaths;
  readonly refused: RefusedPaths;
  readonly manifest: Manifest;
  readonly assembly: Assembly;
  readonly installer: Installer;
  readonly signal: WorkSignal;
}

export interface Settled {
  /** Not as they shall be yet: to be settled again, and why. */
  readonly again: ReadonlyMap<string, string>;
  /** Only the writer can say what shall stand there. */
  readonly unclear: readonly string[];
  /** Of the files that were put in their place. */
  readonly bytes: number;
}

/** Files of many chunks, each open while it is put together; and of one, which are asked for many in a message. */
const atOnceMax = { ofMany: 16, ofOne: 768 };

/** Brings paths to what the manifest says of them. What somebody here had made is set aside first; on the writer it is left to the publisher. */
export class Follower {
  readonly #parts: FollowerParts;
  /** Folders that were not there when a path of theirs was looked at, in the batch at hand: nothing is in them. */
  readonly #missing = new Set<string>();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** `isWriter`: this node's own tree decides where it differs. `following`: paths that are to be settled after these; their contents are fetched while the disk is waited for. */
  async settle(paths: readonly string[], tenure: TreeTenure, isWriter: boolean, following: readonly string[] = []): Promise<Settled> {
    const again = new Map<string, string>();
    const unclear: string[] = [];
    const jobs: Job[] = [];
    const known = new KnownPaths(this.#parts.manifest, this.#parts.state, paths);
    this.#missing.clear();
    for (const path of paths) {
      try {
        const job = await this.#decide(path, known, tenure, isWriter);
        if (job === "unclear") unclear.push(path);
        else if (job !== undefined) jobs.push(job);
      } catch (error) {
        this.#note(error, path, again);
      }
    }
    const made = await this.#makeContents(jobs, known, again);
    const installed = await this.#parts.installer.install(made, () => this.#fetchAhead(following));
    for (const [path, reason] of installed) again.set(path, reason);
    const bytes = made.reduce((sum, { entry }) => sum + (installed.has(entry.path) ? 0 : entry.size), 0);
    return { again, unclear, bytes };
  }

  async #decide(path: string, known: KnownPaths, tenure: TreeTenure, isWriter: boolean): Promise<Job | "unclear" | undefined> {
    const { state, refused, local } = this.#parts;
    const misnamed = pathProblem(path);
    // Only a path that is none of those can be compared with patterns in a bounded time.
    if (misnamed === undefined && local.has(path)) return undefined;
    const entry = known.entry(path);
    const held = known.held(path);
    const problem = misnamed ?? (entry?.kind === "link" ? linkProblem(path, entry.target) : undefined) ?? this.#clash(path, entry, known);
    if (problem !== undefined) {
      refused.add(path, problem);
      return undefined;
    }
    refused.remove(path);
    if (entry !== undefined && isFenced(entry, tenure)) return "unclear";
    if (entry !== undefined && !isValid(entry, tenure)) throw new Error("its writer's beginning is not here yet");
    const wanted = entry ?? { ...nothingThere, path, epoch: tenure.epoch, number: 0 };
    const found = this.#lookInBatch(path);
    const is = await this.#describe(path, found, held, wanted);
    if (isWriter && !(held === undefined ? is.kind === "gone" : sameDescription(held, is))) {
      return sameDescription(wanted, is) ? this.#job("keep", wanted, found, known) : "unclear";
    }
    const counts = held !== undefined && isValid(held, tenure);
    const isOurs = counts || (is.kind !== "gone" && state.isIntended(path, is.content, is.target));
    const settlement = settlementOf(wanted, is, isOurs ? (counts ? held : is) : undefined);
    if (settlement === "keep" && held !== undefined && held.epoch === wanted.epoch && held.number === wanted.number) {
      if (held.signature === found.signature) return undefined;
    }
    return this.#job(settlement, wanted, found, known);
  }

  look(path: string): Found {
    try {
      return look(this.#parts.folders.parent(path).at(nameOf(path)));
    } catch (error) {
      if (isMissing(error)) return nothingFound;
      throw error;
    }
  }

  /** Of a new folder each file would be looked for in vain. Whatever comes to stand there meanwhile is in the installer's way, and stays. */
  #lookInBatch(path: string): Found {
    const folder = parentOf(path);
    if (this.#missing.has(folder)) return nothingFound;
    try {
      this.#parts.folders.get(folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#missing.add(folder);
      return nothingFound;
    }
    return this.look(path);
  }

  #job(settlement: Settlement, entry: FileEntry, found: Found, known: KnownPaths): Job {
    const chunks = entry.kind === "file" ? this.#parts.manifest.chunksOf(entry) : [];
    const movedFrom = settlement === "make" && entry.kind === "file" ? this.#movedFrom(entry, known) : undefined;
    return { settlement, entry, found, chunks, ...(movedFrom === undefined ? {} : { movedFrom }) };
  }

  /** A file with this content that is gone for the writer and still stands here as it was: a rename stays one. */
  #movedFrom({ path, content }: FileEntry, known: KnownPaths): Held | undefined {
    const { manifest } = this.#parts;
    return known.withContent(content).find((held) => {
      if (held.path === path || manifest.get(held.path)?.kind !== "gone") return false;
      return this.look(held.path).signature === held.signature;
    });
  }

  /** What stands there, read as far as it has to be. */
  async #describe(path: string, found: Found, held: Held | undefined, wanted: FileDescription): Promise<FileDescription> {
    if (found.kind === "gone") return nothingThere;
    if (held !== undefined && held.kind === found.kind && held.signature === found.signature) return held;
    if (found.kind === "directory") return { ...nothingThere, kind: "directory", mode: found.mode };
    if (found.kind === "link") return { ...nothingThere, kind: "link", target: found.target };
    const { mode, mtimeUs, size } = found;
    // A size that neither has needs no reading to be another content.
    const mayBeKnown = found.kind === "file" && (size === wanted.size || size === held?.size);
    const content = mayBeKnown ? await this.#hashOf(path) : "another";
    return { kind: "file", mode, mtimeUs, size, content, target: "" };
  }

  async #hashOf(path: string): Promise<string> {
    const { folders, signal } = this.#parts;
    return (await readContent(folders.parent(path).at(nameOf(path)), () => signal.turn())).sha256;
  }

  /** Refused only where the other one stands here by right: of two that come, the first stays. */
  #clash(path: string, entry: FileEntry | undefined, known: KnownPaths): string | undefined {
    if (entry === undefined || entry.kind === "gone") return undefined;
    const other = known.held(path) === undefined ? known.clash(path) : undefined;
    if (other === undefined || (this.#parts.manifest.get(other)?.kind ?? "gone") === "gone") return undefined;
    return `its name differs from ${nameOf(other)} only in upper and lower case, or in how an accent is written`;
  }

  async #makeContents(jobs: readonly Job[], known: KnownPaths, again: Map<string, string>): Promise<Job[]> {
    const failed = new Set<string>();
    const wanted = jobs.filter(needsContent).map(({ entry, chunks }) => ({ entry, chunks, isNowhere: known.isNowhere(entry) }));
    await this.#makeAll(wanted, (error, path) => {
      failed.add(path);
      this.#note(error, path, again);
    });
    return jobs.filter(({ entry }) => !failed.has(entry.path));
  }

  async #makeAll(wanted: readonly Wanted[], onFailure: (error: unknown, path: string) => void): Promise<void> {
    const make = async (one: Wanted): Promise<void> => {
      try {
        await this.#parts.assembly.make(one);
      } catch (error) {
        onFailure(error, one.entry.path);
      }
    };
    const [ofMany, ofOne] = [wanted.filter(({ chunks }) => chunks.length > 1), wanted.filter(({ chunks }) => chunks.length <= 1)];
    await Promise.all([sideBySide(ofMany, atOnceMax.ofMany, make), sideBySide(ofOne, atOnceMax.ofOne, make)]);
  }

  /** New files alone, whose contents stand nowhere here. What cannot be had is asked for again, and told, when its turn has come. */
  async #fetchAhead(paths: readonly string[]): Promise<void> {
    const { manifest, state, signal } = this.#parts;
    const known = new KnownPaths(manifest, state, paths);
    const wanted: Wanted[] = [];
    this.#missing.clear();
    for (const path of paths) {
      if (signal.isInterrupted) return;
      const entry = known.entry(path);
      const isNew = entry?.kind === "file" && known.held(path) === undefined && pathProblem(path) === undefined;
      if (!isNew || known.withContent(entry.content).length > 0 || this.#lookInBatch(path).kind !== "gone") continue;
      wanted.push({ entry, chunks: manifest.chunksOf(entry), isNowhere: known.isNowhere(entry) });
    }
    await this.#makeAll(wanted, () => undefined);
  }

  #note(error: unknown, path: string, again: Map<string, string>): void {
    again.set(path, error instanceof ChangedWhileRead ? "it is being written" : reasonOf(error));
  }
}
