import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";

/** A short name that stands for one data directory on this machine: of its lock, and of the processes that its agent has started. */
export async function directoryMark(root: string): Promise<string> {
  return createHash("sha256")
    .update(await realpath(root))
    .digest("hex")
    .slice(0, 32);
}
