import { chunkSizesFor } from "../../shared/domain/replication/files/content-chunking.ts";
import type { FileEntry } from "../../shared/domain/replication/files/file-entry.ts";
import { foldedPath } from "../../shared/domain/replication/files/path-rules.ts";
import type { Manifest } from "./manifest.ts";
import type { Held, TreeState } from "./tree-state.ts";

const shortBytes = chunkSizesFor(0).least;

/** What manifest and state say of many paths, asked at once: a statement for each path, and several of them, would take longer than a small file's way through the disk. */
export class KnownPaths {
  readonly #state: TreeState;
  readonly #entries: Map<string, FileEntry>;
  readonly #held: Map<string, Held>;
  readonly #foldedHeld: Set<string>;
  readonly #contentsHeld: Set<string>;

  constructor(manifest: Manifest, state: TreeState, paths: readonly string[]) {
    this.#state = state;
    this.#entries = manifest.entriesAt(paths);
    this.#held = state.heldAt(paths);
    const entries = [...this.#entries.values()];
    this.#foldedHeld = state.present("folded", paths.filter((path) => !this.#held.has(path)).map(foldedPath));
    this.#contentsHeld = state.present(
      "content",
      entries.flatMap(({ content }) => (content === "" ? [] : [content])),
    );
  }

  entry(path: string): FileEntry | undefined {
    return this.#entries.get(path);
  }

  held(path: string): Held | undefined {
    return this.#held.get(path);
  }

  /** Another path that is held, and the same where names ignore case. */
  clash(path: string): string | undefined {
    return this.#foldedHeld.has(foldedPath(path)) ? this.#state.clash(path) : undefined;
  }

  /** Paths that are held with this content, the first few. */
  withContent(content: string): Held[] {
    return this.#contentsHeld.has(content) ? this.#state.withContent(content) : [];
  }

  /** No file here has the content; and so short a one is not looked for in pieces of longer ones. */
  isNowhere({ content, size }: FileEntry): boolean {
    return size <= shortBytes && !this.#contentsHeld.has(content);
  }
}
