import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";

/** Copies a file with rsync, from process to process through a pipe, safe on the disk at the end. Resolves with milliseconds. */
export async function copyByRsync(from: string, to: string): Promise<number> {
  try {
    const startedAtMs = performance.now();
    await promisify(execFile)("rsync", ["--whole-file", "--fsync", from, to]);
    return performance.now() - startedAtMs;
  } finally {
    await rm(to, { force: true });
  }
}
