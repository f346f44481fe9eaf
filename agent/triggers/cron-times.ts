import { Cron } from "croner";
import type { TimesOf } from "../../shared/domain/triggers/due.ts";
import type { ScheduleSource } from "../../shared/domain/triggers/trigger.ts";

/**
 * The times of a schedule, by the clock of its zone. Where that is put forward, what falls into the gap comes right after it; where it is put back, a time
 * of day comes once, the first time, and what recurs by hours or minutes goes on through both.
 */
export function cronTimes({ cron, zone }: Pick<ScheduleSource, "cron" | "zone">): TimesOf {
  const schedule = new Cron(cron, { timezone: zone, paused: true });
  return (afterMs, upToMs, atMost) => {
    const found: number[] = [];
    for (let atMs = afterMs; found.length < atMost; ) {
      const next = schedule.nextRun(new Date(atMs))?.getTime();
      if (next === undefined || next > upToMs) break;
      found.push(next);
      atMs = next;
    }
    return found;
  };
}
