import type { FileDescription } from "../../shared/domain/replication/files/file-entry.ts";
import type { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import { nameOf } from "../../shared/domain/replication/files/path-rules.ts";
import { isValid, type TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import { reasonOf } from "../agent-error.ts";
import { readContent } from "./content-reading.ts";
import { type Found, look } from "./found.ts";
import type { Manifest } from "./manifest.ts";
import { type RefusedPath, shown } from "./refused-paths.ts";
import type { TreeFolders } from "./tree-folder.ts";

/** What came of reading a whole tree. */
export interface Verification {
  readonly paths: number;
  readonly files: number;
  readonly bytes: number;
  readonly differences: number;
  /** The first of them. */
  readonly differing: readonly RefusedPath[];
}

const pageSize = 500;
const shownMax = 100;

/** Compares every path of a manifest with what stands there, file by file and byte by byte. What a node has beside that is not looked at. */
export async function verifyTree(folders: TreeFolders, manifest: Manifest, tenure: TreeTenure, local: LocalPaths): Promise<Verification> {
  let [paths, files, bytes, differences] = [0, 0, 0, 0];
  const differing: RefusedPath[] = [];
  for (let page = manifest.after("", pageSize); page.length > 0; page = manifest.after(page.at(-1)?.path ?? "", pageSize)) {
    for (const entry of page) {
      if (!isValid(entry, tenure) || local.has(entry.path)) continue;
      paths += entry.kind === "gone" ? 0 : 1;
      files += entry.kind === "file" ? 1 : 0;
      bytes += entry.size;
      const reason = await differenceAt(folders, entry.path, entry);
      if (reason === undefined) continue;
      differences += 1;
      if (differing.length < shownMax) differing.push({ path: shown(entry.path), reason });
    }
  }
  return { paths, files, bytes, differences, differing };
}

async function differenceAt(folders: TreeFolders, path: string, wanted: FileDescription): Promise<string | undefined> {
  try {
    const place = folders.parent(path).at(nameOf(path));
    const found = look(place);
    return byLooking(wanted, found) ?? (wanted.kind === "file" ? await byReading(wanted, place) : undefined);
  } catch (error) {
    return wanted.kind === "gone" ? undefined : reasonOf(error);
  }
}

function byLooking(wanted: FileDescription, found: Found): string | undefined {
  if (found.kind !== wanted.kind) return wanted.kind === "gone" ? "it should be gone" : `it is ${found.kind}, not ${wanted.kind}`;
  if (found.size !== wanted.size) return `it has ${found.size} bytes, not ${wanted.size}`;
  if (found.mode !== wanted.mode) return `its rights are ${found.mode.toString(8)}, not ${wanted.mode.toString(8)}`;
  return found.target === wanted.target ? undefined : "it links elsewhere";
}

async function byReading(wanted: FileDescription, place: string | Buffer): Promise<string | undefined> {
  const { sha256 } = await readContent(place);
  return sha256 === wanted.content ? undefined : "its content is another";
}
