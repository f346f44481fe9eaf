import { Cron } from "croner";
import { cronSchema, zoneSchema } from "../../../shared/protocol/cron-schema.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";

const from = new Date(Date.UTC(2026, 10, 22, 12));

/** A schedule, and its time zone in the next line. */
export const schedule: FuzzTarget = {
  name: "schedule",
  reads: "schedules of triggers and their time zones",
  share: 10,
  seeds: ["0 3 * * *\nEurope/Vienna", "*/5 0-6,22 1,15 * MON-FRI\nUTC", "30 0 3 L * 5#2\nAsia/Kolkata", "0 0 29 2 *\nAmerica/New_York"].map(
    bytesOf,
  ),
  words: ["*/", "-", ",", "L", "W", "#", "?", "@daily", "MON", "JAN", "60", "59", "31 2", "Etc/GMT+14", "../UTC", "+01:00"],
  execute: (input) => {
    const [cron = "", zone = ""] = textOf(input).split("\n");
    const hasZone = zoneSchema.safeParse(zone).success;
    if (!cronSchema.safeParse(cron).success || !hasZone) return "refused";
    const job = new Cron(cron, { timezone: zone, paused: true });
    const next = job.nextRun(from);
    promise(next === null || next.getTime() > from.getTime(), "the next time of a schedule is past");
    const previous = next === null ? null : new Cron(cron, { timezone: zone, paused: true }).nextRun(new Date(next.getTime() - 1));
    promise(previous === null || next === null || previous.getTime() <= next.getTime(), "a schedule has a time that it leaves out");
    return "accepted";
  },
};
