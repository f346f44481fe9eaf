import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { runProgram } from "../resources/system-program.ts";

/** So many files are synced with their whole file system: one wait for the disk in place of one each. */
const oneByOneMax = 16;
const syncWithinMs = 120_000;

/** Resolves when these files, all on the tree's file system, are on the disk; those that are not there are passed over. Rejects with what the disk says. */
export async function syncFiles(tree: string, places: readonly string[]): Promise<void> {
  // Whatever is wrong with the program, or with the disk, shows when each file is synced by itself.
  if (areMany(places) && (await runProgram(["sync", "--file-system", "--", tree], syncWithinMs)).ok) return;
  for (const place of places) {
    if (!existsSync(place)) continue;
    await using file = await open(place, "r");
    await file.sync();
  }
}

function areMany(places: readonly string[]): boolean {
  let present = 0;
  for (const place of places) {
    if (existsSync(place)) present += 1;
    if (present > oneByOneMax) return true;
  }
  return false;
}
