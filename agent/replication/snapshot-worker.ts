import { parentPort, workerData } from "node:worker_threads";
import { admitSnapshot, prepareSnapshot } from "./snapshot-file.ts";
import { replaceContents } from "./snapshot-swap.ts";
import type { SnapshotJob, SnapshotJobResult } from "./snapshot-work.ts";

/** The entry of a thread that does one job with a snapshot's file, says how it went, and ends. */
const job = workerData as SnapshotJob;

function work(): number {
  switch (job.kind) {
    case "prepare":
      prepareSnapshot(job.path, job.local);
      return 0;
    case "admit":
      return admitSnapshot(job.path, job.identity);
    case "swap":
      replaceContents(job.arrived, job.path, job.local);
      return 0;
  }
}

function result(): SnapshotJobResult {
  try {
    return { outcome: "done", rows: work() };
  } catch (error) {
    const { errcode, code } = error as { errcode?: number; code?: string };
    return { outcome: "failed", message: error instanceof Error ? error.message : String(error), errcode, code };
  }
}

parentPort?.postMessage(result());
