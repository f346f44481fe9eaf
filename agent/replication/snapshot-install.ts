import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ArrivingSnapshot } from "./arriving-snapshot.ts";
import { requireSpace } from "./free-space.ts";
import type { Replica } from "./replica.ts";
import { damaged, databaseBytes } from "./snapshot-file.ts";
import { swapIn } from "./snapshot-swap.ts";
import type { SnapshotJob, SnapshotThread } from "./snapshot-work.ts";
import { databaseExists } from "./sqlite-database.ts";
import { isCorrupt, isLocked } from "./sqlite-problem.ts";

const swapRetryMs = 200;
const swapAttemptsMax = 300;

/** Throws where the disk cannot hold what is still to come, and, where there is a database already, its backup and the new contents beside the old. */
export async function requireSpaceToJoin(bytes: { readonly total: number; readonly missing: number }, path: string): Promise<void> {
  // The contents go through the database's journal before they stand in it.
  const swapping = databaseExists(path) ? databaseBytes(path) + bytes.total * 2 : 0;
  await requireSpace(bytes.missing + swapping, dirname(path), "joining");
}

/** Rows that came, and changes of the old data that were carried over. */
export interface Installed {
  readonly rows: number;
  readonly carried: number;
}

/** Checks a snapshot that has come whole, on a thread that waits for that, and puts it in place. What stands there stays as it is until the very end. */
export async function installSnapshot(
  replica: Replica,
  { path: arrived, lineage }: ArrivingSnapshot,
  thread: SnapshotThread,
): Promise<Installed> {
  const { path, identity } = replica;
  const rows = await madeSafe(arrived, () => admitted(thread, { kind: "admit", path: arrived, identity, lineage }));
  // An application that keeps its database locked for long holds this up; the snapshot waits rather than being fetched again.
  for (let attempt = 1; ; attempt += 1) {
    try {
      const carried = await swapIn(arrived, path, identity);
      await ArrivingSnapshot.remove(arrived);
      return { rows, carried };
    } catch (error) {
      if (isDamage(error)) await ArrivingSnapshot.remove(arrived);
      if (!isLocked(error) || attempt === swapAttemptsMax) throw error;
      await sleep(swapRetryMs);
    }
  }
}

/** Of the old contents only what makes the new ones unfit is told of here; a damaged database of the application's is no fault of the copy's. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === damaged;
}

/** The disk is written to while the work goes on, and once more for what the work has changed. */
async function madeSafe<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const file = await open(path, "r+");
  try {
    const [worked, kept] = await Promise.allSettled([work(), keptOnDisk(file, path)]);
    if (worked.status === "rejected") throw worked.reason;
    if (kept.status === "rejected") throw kept.reason;
    await keptOnDisk(file, path);
    return worked.value;
  } finally {
    await file.close();
  }
}

/** What a disk has failed to keep, it may call kept when it is asked again: so all of it is fetched anew. */
async function keptOnDisk(file: FileHandle, path: string): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    await ArrivingSnapshot.remove(path);
    throw error;
  }
}

/** What came whole and is damaged all the same was damaged where it came from: it is not kept for another attempt. */
async function admitted(thread: SnapshotThread, job: Extract<SnapshotJob, { kind: "admit" }>): Promise<number> {
  try {
    return await thread.run(job);
  } catch (error) {
    if (isCorrupt(error) || isDamage(error)) await ArrivingSnapshot.remove(job.path);
    throw error;
  }
}
