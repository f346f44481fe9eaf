import { setTimeout as sleep } from "node:timers/promises";
import type { Fence } from "../../shared/domain/dns/fence.ts";
import { type Attempt, afterAttempt, newKeeping } from "../../shared/domain/dns/keep-course.ts";
import type { UpdateOutcome } from "../../shared/domain/dns/update-course.ts";
import { reasonOf } from "../agent-error.ts";
import type { KeepRecord } from "./dns-records.ts";
import { updateRecord } from "./record-update.ts";

export interface RecordKeeperPorts {
  readonly update: () => Promise<UpdateOutcome>;
  readonly updated: (durationMs: number) => void;
  /** Once for each reason, until an update has worked. */
  readonly failed: (reason: string) => void;
  readonly overtaken: (by: Fence) => void;
  /** In milliseconds; true where it was cut short. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** Keeps one record right at one server, until it is told to stop or somebody has overtaken it (keep-course.ts). Never throws. */
export async function keepRecord({ update, updated, failed, overtaken, wait }: RecordKeeperPorts, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  let keeping = newKeeping;
  while (!signal.aborted) {
    const attempt = await update().catch((error: unknown): Attempt => ({ is: "failed", reason: reasonOf(error) }));
    const next = afterAttempt(keeping, attempt);
    if (attempt.is === "updated") updated(performance.now() - startedMs);
    if (attempt.is === "overtaken") overtaken(attempt.by);
    if (attempt.is === "failed" && next.isTold && !signal.aborted) failed(attempt.reason);
    keeping = next.keeping;
    if (next.pauseMs === null || (await wait(next.pauseMs, signal))) return;
  }
}

/** At a real server, in real time. */
export const keepAtServer: KeepRecord = ({ target, signal, ...told }) => {
  void keepRecord({ update: () => updateRecord(target), ...told, wait: waitOrStop }, signal);
};

export async function waitOrStop(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
  return signal.aborted;
}
