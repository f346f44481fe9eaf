import { type MonotonicUs, US_PER_MS } from "../../shared/domain/time.ts";
import { monotonicUs } from "../resources/monotonic.ts";

/** Calls back once at (never before) an instant of the monotonic clock. */
export function callAt(atUs: MonotonicUs, callback: () => void): { cancel(): void } {
  let timer: NodeJS.Timeout | null = null;
  const arm = (): void => {
    const leftUs = atUs - monotonicUs();
    if (leftUs <= 0) return callback();
    // Timers know whole milliseconds and may come a little early.
    timer = setTimeout(arm, Math.max(1, Math.ceil(leftUs / US_PER_MS)));
  };
  timer = setTimeout(arm, Math.max(1, Math.ceil((atUs - monotonicUs()) / US_PER_MS)));
  return {
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
