import { setTimeout as sleep } from "node:timers/promises";
import { isLocked } from "./sqlite-problem.ts";

const againAfterMs = 20;

/**
 * Does the work, again and again while another connection has the database locked, and nothing blocks in between. `untilMs`: of `performance.now()`. Rejects with the lock
 * where it lasts longer than that, and with any other error at once.
 */
export async function waitOutLock<Result>(work: () => Result, untilMs: number): Promise<Result> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= untilMs) throw error;
    }
    await sleep(againAfterMs);
  }
}
