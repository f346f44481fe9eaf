import { statfs } from "node:fs/promises";

/** What is left to everybody else on the disk, and to this node's own log. */
const reserveBytes = 64 * 1_024 * 1_024;
const reservePart = 0.02;

/** Throws, with the next step, where a disk has no room for so many bytes more; a reserve stays free for the application. */
export async function requireSpace(bytes: number, folder: string, what: string): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const free = bavail * bsize;
  // On a small disk a fixed reserve would be all of it.
  const reserve = Math.min(reserveBytes, blocks * bsize * reservePart);
  if (free - reserve >= bytes) return;
  const missing = Math.ceil(bytes + reserve - free);
  throw new Error(
    `${what} needs ${mebibytes(bytes)} MiB on the disk of ${folder}, and ${mebibytes(free)} MiB are free: free at least ${mebibytes(missing)} MiB there, and it goes on by itself`,
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0);
}
