import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import { nameOf, pathProblem } from "../../shared/domain/replication/files/path-rules.ts";
import { readOnlyNoFollow, sha256Of } from "./content-reading.ts";
import { signatureOf } from "./found.ts";
import { bytesOf, type Pieces, type WantedChunk } from "./pieces.ts";
import type { TreeFolders } from "./tree-folder.ts";
import type { KnownContent, TreeState } from "./tree-state.ts";

const nothingKnown: ReadonlyMap<string, KnownContent> = new Map();

export interface ReadableTree {
  readonly folders: TreeFolders;
  readonly local: LocalPaths;
  /** Undefined where nothing is known of the tree now. */
  readonly state: TreeState | undefined;
}

/** Chunks for another node, those that are here and are its business. What has come is checked by whoever asked for it, too. */
export function readChunks(tree: ReadableTree, wants: readonly WantedChunk[]): Pieces {
  // Of its own, not of the pool: it is handed from thread to thread.
  const data = new Uint8Array(new ArrayBuffer(bytesOf(wants)));
  const known = tree.state?.contentsAt(wants.map(({ path }) => path)) ?? nothingKnown;
  let filled = 0;
  const here = wants.map((want) => {
    const isHere = readFromTree(tree, want, data.subarray(filled, filled + want.bytes), known);
    if (isHere) filled += want.bytes;
    return isHere;
  });
  return { here, data: data.subarray(0, filled) };
}

function readFromTree(
  { folders, local, state }: ReadableTree,
  want: WantedChunk,
  into: Uint8Array,
  known: ReadonlyMap<string, KnownContent>,
): boolean {
  if (pathProblem(want.path) !== undefined || local.has(want.path)) return false;
  const held = known.get(want.path);
  const isKnown = (signature: string): boolean =>
    held?.signature === signature && (held.content === want.sha256 ? isWhole(want, held) : state?.hasPiece(held.content, want) === true);
  if (readChunk(folders, want, into, isKnown)) return true;
  const places = state?.places(want.sha256) ?? [];
  return places.some(({ path, start }) => !local.has(path) && readChunk(folders, { ...want, path, start }, into));
}

function isWhole({ start, bytes }: WantedChunk, { size }: KnownContent): boolean {
  return start === 0 && bytes === size;
}

/**
 * Reads a chunk out of a file of the tree. False where it is not there: found by its hash, unless `isKnown` says that a file with this signature has been
 * found to have it.
 */
export function readChunk(
  folders: TreeFolders,
  want: WantedChunk,
  into: Uint8Array,
  isKnown: (signature: string) => boolean = () => false,
): boolean {
  let file: number;
  try {
    file = openSync(folders.parent(want.path).at(nameOf(want.path)), readOnlyNoFollow);
  } catch {
    // Moved or removed since: the chunk is not here, which is an answer.
    return false;
  }
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile() || Number(stat.size) < want.start + want.bytes || fill(file, into, want.start) < want.bytes) return false;
    return isKnown(signatureOf(stat)) || sha256Of(into) === want.sha256;
  } finally {
    closeSync(file);
  }
}

/** Returns how many bytes there were. */
export function fill(file: number, into: Uint8Array, start: number): number {
  let done = 0;
  while (done < into.length) {
    const read = readSync(file, into, done, into.length - done, start + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
