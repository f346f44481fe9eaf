import { fsyncSync } from "node:fs";
import { open } from "node:fs/promises";
import { runProgram } from "../resources/system-program.ts";
import { isMissing, type TreeFolders } from "./tree-folder.ts";

/** So many are synced with their whole file system: one wait for the disk in place of one each. */
const oneByOneMax = 16;
const syncWithinMs = 120_000;

/** Resolves when these files, all on the tree's file system, are on the disk; those that are not there are passed over. Rejects with what the disk says. */
export async function syncFiles(tree: string, places: readonly string[]): Promise<void> {
  if (places.length > oneByOneMax && (await syncFileSystem(tree))) return;
  for (const place of places) {
    try {
      await using file = await open(place, "r");
      await file.sync();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

/** The same for the names in these folders. */
export async function syncFolders(tree: string, folders: TreeFolders, paths: ReadonlySet<string>): Promise<void> {
  if (paths.size > oneByOneMax && (await syncFileSystem(tree))) return;
  for (const path of paths) {
    try {
      // At once: an open folder is good until the next one is asked for.
      fsyncSync(folders.get(path).descriptor);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

/** False where that cannot be done: whatever is wrong with the program, or with the disk, shows when each is synced by itself. */
async function syncFileSystem(tree: string): Promise<boolean> {
  return (await runProgram(["sync", "--file-system", "--", tree], syncWithinMs)).ok;
}
