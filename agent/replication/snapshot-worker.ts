import { parentPort } from "node:worker_threads";
import { admitSnapshot, bringLogIn, prepareSnapshot } from "./snapshot-file.ts";
import { putBackContents, replaceContents } from "./snapshot-swap.ts";
import type { SnapshotJob, SnapshotJobResult } from "./snapshot-work.ts";

/** The entry of a thread that is given one job with a snapshot's file, says how it went, and ends. */
parentPort?.once("message", (job: SnapshotJob) => void answer(job));

async function answer(job: SnapshotJob): Promise<void> {
  parentPort?.postMessage(await result(job));
}

async function work(job: SnapshotJob): Promise<number> {
  switch (job.kind) {
    case "bring-log-in":
      bringLogIn(job.path);
      return 0;
    case "prepare":
      prepareSnapshot(job.path, job.local);
      return 0;
    case "admit":
      return admitSnapshot(job.path, job.identity, job.lineage);
    case "swap":
      return replaceContents(job.arrived, job.path, job.declared);
    case "put-back":
      putBackContents(job);
      return 0;
  }
}

async function result(job: SnapshotJob): Promise<SnapshotJobResult> {
  try {
    return { outcome: "done", rows: await work(job) };
  } catch (error) {
    const { errcode, code } = error as { errcode?: number; code?: string };
    return { outcome: "failed", message: error instanceof Error ? error.message : String(error), errcode, code };
  }
}
