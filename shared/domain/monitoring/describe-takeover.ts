import type { NodeId } from "../ids.ts";
import type { EventDetail } from "./cluster-event.ts";
import type { AddressCourse, TakeoverCourse } from "./takeover-course.ts";

type Takeover = Extract<EventDetail, { kind: "group.takeover" }>;
type NameOf = (node: NodeId) => string;

/** Who took what from whom and why, in a sentence; and where the record tells how it went, another one for its steps. */
export function describeTakeover(detail: Takeover, here: string, nameOf: NameOf): string {
  const { group, from, votes, voters, behind, course } = detail;
  const counted = `${votes} of ${voters} votes`;
  if (from === null) return `${here} took group ${group}: it had no holder, ${counted}`;
  const risk = behind === 0 ? "" : `; ${behind} changes of ${nameOf(from)} had not arrived yet`;
  const what = `${here} took over group ${group}: ${lossOf(detail, nameOf(from))}, ${counted}${risk}`;
  const how = course === undefined ? null : stepsOf(detail, course, nameOf(from), nameOf);
  return how === null ? what : `${what}. ${how}`;
}

function lossOf({ released, silentMs }: Takeover, from: string): string {
  if (released !== null) return `${from} gave it back (${released})`;
  return silentMs === null ? `${from} let it go` : `${from} silent for ${silentMs} ms`;
}

/**
 * Counted from the old holder's last word, or where it was heard to the end from the instant at which the group was free; null where this node has
 * never heard it.
 */
function stepsOf({ startedInMs }: Takeover, course: TakeoverCourse, from: string, nameOf: NameOf): string | null {
  const { heardBeforeMs, silentBeforeMs, freeBeforeMs, askedBeforeMs } = course;
  if (heardBeforeMs === null) return null;
  const isHeard = silentBeforeMs === null;
  const after = (beforeMs: number): string => `after ${Math.max(0, Math.round((isHeard ? freeBeforeMs : heardBeforeMs) - beforeMs))} ms`;
  const steps = [
    ...(isHeard ? [] : [`found silent ${after(silentBeforeMs)}`, `free ${after(freeBeforeMs)}`]),
    `asked for ${after(askedBeforeMs)}`,
    `won ${after(startedInMs)}`,
    `running ${after(0)}`,
  ];
  const since = isHeard ? "the group was free" : `the last word of ${from}`;
  const signs = isHeard ? [] : [...pathsIn(course), ...othersIn(course, heardBeforeMs, nameOf), ...quietIn(course)];
  const addresses = course.addresses.map((address) => addressIn(address, after));
  return `Since ${since}: ${[steps.join(", "), ...signs, ...addresses].join("; ")}`;
}

/** Where there is more than one way, by which it was last heard. */
function pathsIn({ paths }: TakeoverCourse): string[] {
  const heard = paths.flatMap(({ path, heardBeforeMs }) => (heardBeforeMs === null ? [] : [{ path, heardBeforeMs }]));
  const [last, ...earlier] = heard.toSorted((one, other) => one.heardBeforeMs - other.heardBeforeMs);
  if (last === undefined || paths.length === 1) return [];
  const before = earlier.map(({ path, heardBeforeMs }) => `, on ${path} ${Math.round(heardBeforeMs - last.heardBeforeMs)} ms earlier`);
  return [`that word came on ${last.path}${before.join("")}`];
}

/** Whoever has heard nothing of it since the group was free is a witness of its silence; whoever has is one of a broken way. */
function othersIn({ heardByOthers, freeBeforeMs }: TakeoverCourse, heardBeforeMs: number, nameOf: NameOf): string[] {
  const isSilentTo = (theirsMs: number | null): boolean => theirsMs === null || theirsMs >= freeBeforeMs;
  const deaf = heardByOthers.filter((other) => isSilentTo(other.heardBeforeMs)).map(({ node }) => nameOf(node));
  const hearing = heardByOthers.flatMap(({ node, heardBeforeMs: theirsMs }) =>
    theirsMs === null || isSilentTo(theirsMs) ? [] : [`${nameOf(node)} still heard it after ${Math.round(heardBeforeMs - theirsMs)} ms`],
  );
  return deaf.length === 0 ? hearing : [`not heard by ${deaf.join(" and ")} either`, ...hearing];
}

function quietIn({ addressesQuietForMs: quietMs }: TakeoverCourse): string[] {
  return quietMs === null ? [] : [`when it was won, nobody had answered for its addresses for ${quietMs} ms`];
}

function addressIn(course: AddressCourse, after: (beforeMs: number) => string): string {
  const { address, probedBeforeMs, answeredBy, upBeforeMs } = course;
  const answer = answeredBy === null ? "nobody answered" : `${answeredBy} answered`;
  return `${answer} for ${address} when this node asked ${after(probedBeforeMs)}, and it was up here ${after(upBeforeMs)}${silenceOf(course)}`;
}

/** As the new holder has measured it itself. */
function silenceOf({ sighting, upBeforeMs }: AddressCourse): string {
  if (sighting === undefined) return "";
  const [least, most] = [sighting.unansweredBeforeMs, sighting.answeredBeforeMs].map((beforeMs) => Math.round(beforeMs - upBeforeMs));
  return `, silent for ${least} to ${most} ms by its own questions`;
}
