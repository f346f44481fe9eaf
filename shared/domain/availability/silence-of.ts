import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { TakeoverCourse } from "../monitoring/takeover-course.ts";

type Takeover = Extract<EventDetail, { readonly kind: "group.takeover" }>;

export interface Silence {
  readonly ms: number;
  /** By the new holder's own questions to the group's addresses. */
  readonly isMeasured: boolean;
}

/** For how long nobody served the group before this takeover, in whole milliseconds to when it ran; null where it had no holder. */
export function silenceOf(takeover: Takeover): Silence | null {
  const silence = silenceIn(takeover);
  return silence === null ? null : { ...silence, ms: Math.round(silence.ms) };
}

function silenceIn({ from, course, silentMs, released, startedInMs }: Takeover): Silence | null {
  if (from === null) return null;
  const measured = course === undefined ? [] : measuredIn(course);
  // The address that was silent for longest: a group serves when all that belongs to it does.
  if (measured.length > 0) return { ms: Math.max(0, ...measured), isMeasured: true };
  if (course !== undefined) return { ms: Math.max(0, lastSignBeforeMs(course)), isMeasured: false };
  return { ms: released === null ? (silentMs ?? 0) + startedInMs : startedInMs, isMeasured: false };
}

/** Of each address whose silence was seen, for how long it had not answered when the group ran. */
function measuredIn({ addresses }: TakeoverCourse): readonly number[] {
  return addresses.flatMap(({ sighting, upBeforeMs }) => (sighting === undefined ? [] : [sighting.answeredBeforeMs - upBeforeMs]));
}

/** A holder that was heard to the end has given the group back; any other may have served up to its last word, or beyond. */
function lastSignBeforeMs({ silentBeforeMs, heardBeforeMs, freeBeforeMs }: TakeoverCourse): number {
  return silentBeforeMs === null ? freeBeforeMs : (heardBeforeMs ?? freeBeforeMs);
}
