import type { NodeId } from "../ids.ts";
import type { DataSetStatus } from "../replication/replication-status.ts";
import type { RingReport } from "../replication/ring-report.ts";

/** `grey`: not looked at, since something else has to be mended first, or nothing is known yet. */
export type AlarmColour = "green" | "yellow" | "red" | "grey";

/**
 * - `readiness`: the data set is there and follows the others: green, else red with what is missing.
 * - `activity`: whom it synchronises with: green the expected successor, yellow another node, red nobody; grey while it is not ready.
 * - `age`: how old what this node shows of the others is: green, or red beyond the bound.
 * - `time`: this node's clock and time zone against the expected successor's, and what a majority says of it: green, yellow from a second on (or half of a limit that is narrower), red, or grey where it is not known.
 */
export type AlarmName = "readiness" | "activity" | "age" | "time";

export interface RingAlarm {
  readonly name: AlarmName;
  /** Null: it is about the node. */
  readonly dataSet: string | null;
  readonly colour: AlarmColour;
  /** One phrase for people; empty where it is green and there is nothing to say. */
  readonly reason: string;
}

/** Clocks that are kept right differ by milliseconds: from here on somebody should look after them before the limit is reached. */
const warnedMs = 1_000;

/** All alarms of one node, in the order in which to read them. `heard`: the nodes that are there; of others no age is an alarm. */
export function ringAlarms(
  self: NodeId,
  { dataSets, ring, heard, ageMsMax }: { dataSets: readonly DataSetStatus[]; ring: RingReport; heard: readonly NodeId[]; ageMsMax: number },
  nameOf: (node: NodeId) => string,
): readonly RingAlarm[] {
  // A node alone synchronises with nobody, and compares its clock with none.
  if (ring.expected === null) return dataSets.map(readiness);
  const { expected } = ring;
  return [
    ...dataSets.flatMap((dataSet) => [
      readiness(dataSet),
      activity(dataSet, expected, nameOf),
      age(dataSet, { self, ring, heard, ageMsMax }, nameOf),
    ]),
    time(expected, ring.clock, nameOf),
  ];
}

function readiness({ name, phase, problem }: DataSetStatus): RingAlarm {
  const about = { name: "readiness", dataSet: name } as const;
  if (phase === "following") return { ...about, colour: "green", reason: "" };
  const words = phase === "receiving-snapshot" ? "it is receiving its data" : phase === "refused" ? "it is refused" : "it has no data yet";
  return { ...about, colour: "red", reason: problem ?? words };
}

function activity(
  { name, phase, syncingWith, unacknowledged }: DataSetStatus,
  expected: NodeId,
  nameOf: (node: NodeId) => string,
): RingAlarm {
  const about = { name: "activity", dataSet: name } as const;
  if (phase !== "following") return { ...about, colour: "grey", reason: "not ready" };
  const lag =
    unacknowledged.changes === 0
      ? ""
      : `; ${unacknowledged.changes} unacknowledged, the oldest ${Math.round(unacknowledged.oldestAgeMs)} ms old`;
  if (syncingWith === undefined) return { ...about, colour: "red", reason: `with nobody, in place of ${nameOf(expected)}${lag}` };
  if (!syncingWith.expected)
    return { ...about, colour: "yellow", reason: `with ${nameOf(syncingWith.nodeId)}, in place of ${nameOf(expected)}${lag}` };
  return { ...about, colour: "green", reason: `with ${nameOf(expected)}${lag}` };
}

function age(
  { name, phase }: DataSetStatus,
  { self, ring, heard, ageMsMax }: { self: NodeId; ring: RingReport; heard: readonly NodeId[]; ageMsMax: number },
  nameOf: (node: NodeId) => string,
): RingAlarm {
  const about = { name: "age", dataSet: name } as const;
  if (phase !== "following") return { ...about, colour: "grey", reason: "not ready" };
  const shown = Object.entries(ring.ages[name]?.[self] ?? {}) as [NodeId, number][];
  const oldest = shown.filter(([node]) => heard.includes(node)).toSorted(([, one], [, other]) => other - one)[0];
  if (oldest === undefined) return { ...about, colour: "grey", reason: "nothing is known yet" };
  const [node, ageMs] = oldest;
  const reason = `what it shows of ${nameOf(node)} is ${(ageMs / 1_000).toFixed(1)} s old`;
  return { ...about, colour: ageMs > ageMsMax ? "red" : "green", reason };
}

function time(
  expected: NodeId,
  { standing, aheadMs, limitMs, zone, peers }: RingReport["clock"],
  nameOf: (node: NodeId) => string,
): RingAlarm {
  const about = { name: "time", dataSet: null } as const;
  if (standing === "unknown") return { ...about, colour: "grey", reason: "no other node's clock is known" };
  const by = `${(Math.abs(aheadMs) / 1_000).toFixed(1)} s`;
  if (standing === "ahead" || standing === "behind") {
    const now =
      Math.abs(aheadMs) > limitMs
        ? `this node's clock is ${by} ${aheadMs < 0 ? "behind" : "ahead of"} the others'`
        : "this node's clock was wrong until just now";
    return { ...about, colour: "red", reason: now };
  }
  if (standing === "disputed") return { ...about, colour: "red", reason: "the clocks differ, and no majority says whose is wrong" };
  const peer = peers.find(({ nodeId }) => nodeId === expected);
  if (peer === undefined) return { ...about, colour: "grey", reason: `the clock of ${nameOf(expected)} is not known` };
  const difference = `${nameOf(expected)} is ${(Math.abs(peer.aheadMs) / 1_000).toFixed(3)} s ${peer.aheadMs < 0 ? "behind" : "ahead"}`;
  if (Math.abs(peer.aheadMs) - peer.uncertaintyMs > limitMs) return { ...about, colour: "red", reason: difference };
  if (peer.zone !== null && peer.zone !== zone)
    return { ...about, colour: "red", reason: `time zone ${zone} here, ${peer.zone} on ${nameOf(expected)}` };
  const warned = Math.min(warnedMs, limitMs / 2);
  const until = `; the limit is ${limitMs / 1_000} s`;
  if (Math.abs(aheadMs) > warned)
    return { ...about, colour: "yellow", reason: `this node's clock is ${by} ${aheadMs < 0 ? "behind" : "ahead of"} the others'${until}` };
  if (Math.abs(peer.aheadMs) - peer.uncertaintyMs > warned) return { ...about, colour: "yellow", reason: `${difference}${until}` };
  return { ...about, colour: "green", reason: difference };
}
