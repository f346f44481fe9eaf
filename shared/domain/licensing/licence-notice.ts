import type { Amount } from "./capacity.ts";
import { type LicenceCourse, licenceCourse } from "./licence-course.ts";
import { type LicenceTerm, msPerDay } from "./licence-term.ts";

/** What is told of a licence's end. Each `key` is told once; a day on which nobody looked is not made up for, the next notice says the newest. */
export type LicenceNotice =
  | {
      readonly kind: "expiring";
      readonly key: string;
      readonly daysLeft: number;
      readonly endsAtMs: number;
      readonly graceEndsAtMs: number;
    }
  | { readonly kind: "grace"; readonly key: string; readonly daysLeft: number; readonly endedAtMs: number; readonly graceEndsAtMs: number }
  | { readonly kind: "lapsed"; readonly key: string; readonly lapsedAtMs: number };

const noticeDays = [60, 30, 14, 7, 1];
/** A trial is short, and nobody has a contract that reminds them of it. */
const trialNoticeDays = [7, 6, 5, 4, 3, 2, 1];

/** The notice that is due now, whether or not it was told before; null where there is nothing to say. */
export function dueNotice(terms: readonly LicenceTerm[], used: Amount, nowMs: number): LicenceNotice | null {
  const course = licenceCourse(terms, used, nowMs);
  switch (course.state) {
    case "none":
      return null;
    case "valid":
      return expiring(terms, used, course, nowMs);
    case "grace":
      return inGrace(course, nowMs);
    case "lapsed":
      return course.sinceMs === null ? null : { kind: "lapsed", key: `lapsed/${course.sinceMs}`, lapsedAtMs: course.sinceMs };
  }
}

function expiring(terms: readonly LicenceTerm[], used: Amount, course: LicenceCourse, nowMs: number): LicenceNotice | null {
  const { next, sinceMs } = course;
  // The end of what is not needed any more is nothing to warn of: then the state stays `valid`.
  if (next === null || sinceMs === null) return null;
  const after = licenceCourse(terms, used, next.atMs);
  if (isBridged(after)) return null;
  const daysLeft = daysUntil(next.atMs, nowMs);
  // Whoever has just bought thirty days needs no telling that thirty are left.
  const days = (course.isTrial ? trialNoticeDays : noticeDays).filter((day) => daysLeft <= day && day * msPerDay < next.atMs - 1 - sinceMs);
  if (days.length === 0) return null;
  const graceEndsAtMs = after.state === "grace" && after.next !== null ? after.next.atMs : next.atMs;
  return { kind: "expiring", key: `expiring/${next.atMs}/${Math.min(...days)}`, daysLeft, endsAtMs: next.atMs, graceEndsAtMs };
}

/** One for every day of it. */
function inGrace(course: LicenceCourse, nowMs: number): LicenceNotice | null {
  const { sinceMs, next } = course;
  if (sinceMs === null || next === null || isBridged(course)) return null;
  const day = Math.floor((nowMs - sinceMs) / msPerDay) + 1;
  const daysLeft = daysUntil(next.atMs, nowMs);
  return { kind: "grace", key: `grace/${sinceMs}/${day}`, daysLeft, endedAtMs: sinceMs, graceEndsAtMs: next.atMs };
}

/** The grace lasts until another licence begins, which is there already: nothing will ever be missing. */
function isBridged({ state, next }: LicenceCourse): boolean {
  return state === "grace" && next?.state === "valid";
}

/** To the last moment before that, in days begun. */
function daysUntil(atMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((atMs - 1 - nowMs) / msPerDay));
}
