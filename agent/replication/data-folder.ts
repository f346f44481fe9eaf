import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ownedFolder } from "./owned-file.ts";

/** Makes the thread's folder, and removes what a thread that was killed has left in it; what that was for starts anew. Throws what the disk says. */
export function prepareDataFolder(dataDir: string): void {
  mkdirSync(ownedFolder(dataDir), { recursive: true, mode: 0o700 });
  for (const file of readdirSync(dataDir)) {
    if (/^(donate|incoming)-/.test(file)) rmSync(join(dataDir, file), { force: true });
  }
}
