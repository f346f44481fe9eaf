import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../agent-error.ts";
import type { Fence } from "./fence.ts";
import type { UpdateOutcome } from "./record-update.ts";

/** A record that is as it should be is looked at this often: somebody may have changed it, or the server lost it. */
const lookAgainAfterMs = 60_000;
const backOffMs = { first: 500, max: 30_000 } as const;
/** The first failure may be a lost packet: told is the second in a row. */
const failuresBeforeTold = 2;

export interface RecordKeeperPorts {
  readonly update: () => Promise<UpdateOutcome>;
  readonly updated: (durationMs: number) => void;
  /** Once for each reason, until an update has worked. */
  readonly failed: (reason: string) => void;
  readonly overtaken: (by: Fence) => void;
  /** In milliseconds; true where it was cut short. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

/** Keeps one record right at one server, until it is told to stop or somebody has overtaken it. Never throws. */
export async function keepRecord({ update, updated, failed, overtaken, wait }: RecordKeeperPorts, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  let failures = 0;
  const told = new Set<string>();
  while (!signal.aborted) {
    let pauseMs = lookAgainAfterMs;
    try {
      const outcome = await update();
      if (outcome.is === "overtaken") return overtaken(outcome.by);
      if (outcome.is === "updated") updated(performance.now() - startedMs);
      // Not operational at that instant: whoever started this says soon whether it was more than a late view.
      if (outcome.is === "not-current") pauseMs = backOffMs.first;
      failures = 0;
      told.clear();
    } catch (error) {
      failures += 1;
      const reason = reasonOf(error);
      if (failures >= failuresBeforeTold && !told.has(reason) && !signal.aborted) failed(reason);
      if (failures >= failuresBeforeTold) told.add(reason);
      pauseMs = Math.min(backOffMs.max, backOffMs.first * 2 ** (failures - 1));
    }
    if (await wait(pauseMs, signal)) return;
  }
}

/** The port `wait` for real time. */
export async function waitOrStop(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
  return signal.aborted;
}
