import type { RingReport } from "../../shared/domain/replication/ring-report.ts";

/** Why own changes wait, and what to do about it; undefined where none does. */
export function withheldProblem(withheld: number, clock: RingReport["clock"] | undefined): string | undefined {
  if (withheld === 0 || clock === undefined) return undefined;
  const [what, they] = withheld === 1 ? ["1 change of this node waits", "it goes"] : [`${withheld} changes of this node wait`, "they go"];
  return `${what}, since ${doubtOf(clock)}: set the clock right and ${they} out by themselves, or let them go as they are: understudy agent clock release --config FILE`;
}

function doubtOf({ standing, aheadMs, limitMs }: RingReport["clock"]): string {
  const by = `${(Math.abs(aheadMs) / 1_000).toFixed(1)} s`;
  if (standing === "disputed") return `the nodes' clocks differ by more than ${limitMs / 1_000} s, and no majority says whose is wrong`;
  if (Math.abs(aheadMs) <= limitMs) return "its clock was wrong until just now, and is being watched";
  return `its clock is ${by} ${aheadMs < 0 ? "behind" : "ahead of"} the others'`;
}
