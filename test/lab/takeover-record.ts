import type { ClusterEvent, EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AddressCourse } from "../../shared/domain/monitoring/takeover-course.ts";

type Takeover = Extract<EventDetail, { kind: "group.takeover" }>;

/** The client hears of a new holder by its announcement, and the old one has spoken last up to a heartbeat before it fell silent; the rest is for a busy machine. */
const silenceDiffersMsMax = 400;

/** The client hears of the new holder by its announcement, and hears its own answers late where the machine is busy. */
const measureDiffersMsMax = 100;

/** What is wrong with the records of the takeovers among these events, in sentences. `silenceMs`: what the client saw of the one that there is. */
export function recordProblems(events: readonly ClusterEvent[], silenceMs: number | null): string[] {
  const takeovers = events.flatMap(({ detail }) => (detail.kind === "group.takeover" ? [detail] : []));
  return takeovers.flatMap((takeover) => [...stepProblems(takeover), ...(silenceMs === null ? [] : silenceProblems(takeover, silenceMs))]);
}

function stepProblems({ epoch, startedInMs, course }: Takeover): string[] {
  if (course === undefined) return [`the takeover under epoch ${epoch} has no record of its steps`];
  const { heardBeforeMs, silentBeforeMs, freeBeforeMs, askedBeforeMs, addresses } = course;
  // Whoever was heard to the end gave the group back before its last word.
  const signs = silentBeforeMs === null ? [] : [heardBeforeMs ?? Number.NaN, silentBeforeMs];
  const orders: readonly (readonly number[])[] = [
    signs,
    [freeBeforeMs, askedBeforeMs, Math.round(startedInMs)],
    ...addresses.map(({ probedBeforeMs, probeEndedBeforeMs, upBeforeMs }) => [
      Math.round(startedInMs),
      probedBeforeMs,
      probeEndedBeforeMs,
      upBeforeMs,
    ]),
  ];
  const isInOrder = orders.every((order) => order.every((ms, index) => index === 0 || ms <= (order[index - 1] ?? Number.NaN)));
  const problems = isInOrder
    ? []
    : [`the steps of the takeover under epoch ${epoch} are in no order: ${JSON.stringify({ startedInMs, course })}`];
  // Each of the lab's groups has one.
  return addresses.length === 1
    ? problems
    : [...problems, `the record of the takeover under epoch ${epoch} tells of ${addresses.length} addresses`];
}

/** What the client did without the address: from the old holder's last word to the address up here, and as the new holder's own questions have it. */
function silenceProblems({ epoch, course }: Takeover, silenceMs: number): string[] {
  const [address] = course?.addresses ?? [];
  if (course === undefined || address === undefined || course.heardBeforeMs === null) return [];
  const saw = `and the client saw ${silenceMs.toFixed(0)}`;
  const recordedMs = course.heardBeforeMs - address.upBeforeMs;
  const byLastWord =
    Math.abs(recordedMs - silenceMs) <= silenceDiffersMsMax
      ? []
      : [`the takeover under epoch ${epoch} tells of ${recordedMs} ms without the address, ${saw}`];
  return [...byLastWord, ...measureProblems(address).map((problem) => `the takeover under epoch ${epoch} ${problem}, ${saw}`)];

  function measureProblems({ sighting, upBeforeMs }: AddressCourse): string[] {
    if (sighting === undefined) return ["has no measure of its new holder's own"];
    const [leastMs, mostMs] = [sighting.unansweredBeforeMs - upBeforeMs, sighting.answeredBeforeMs - upBeforeMs];
    const isWithin = silenceMs >= leastMs - measureDiffersMsMax && silenceMs <= mostMs + measureDiffersMsMax;
    return isWithin ? [] : [`was measured as ${leastMs} to ${mostMs} ms without the address`];
  }
}
