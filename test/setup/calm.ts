import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeEach } from "vitest";

const run = promisify(execFile);

/** A process of this runtime starts in a third of it where nobody else wants the processors. */
const calmStartMs = 200;
const startsInARow = 5;
/** Whoever has taken a machine's processors for longer keeps them, as far as a run can wait. */
const patienceMs = 120_000;
const pauseMs = 2_000;

async function isCalm(): Promise<boolean> {
  for (let start = 0; start < startsInARow; start += 1) {
    const fromMs = performance.now();
    await run(process.execPath, ["--eval", "0"]);
    if (performance.now() - fromMs > calmStartMs) return false;
  }
  return true;
}

// What has failed for want of processors fails again at once: its next try waits until there are some, or until waiting has no more sense.
beforeEach(async ({ task }) => {
  if ((task.result?.retryCount ?? 0) === 0) return;
  const untilMs = performance.now() + patienceMs;
  while (!(await isCalm()) && performance.now() < untilMs) await sleep(pauseMs);
}, patienceMs + 30_000);
