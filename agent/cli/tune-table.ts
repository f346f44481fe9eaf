import { nameOfTiming } from "../../shared/domain/membership/timing-profile.ts";
import { type GapHistogram, gapCount, gapQuantileMs, mergedGaps, noGaps } from "../../shared/domain/monitoring/gap-histogram.ts";
import type { ProfileAdvice } from "../../shared/domain/monitoring/timing-advice.ts";
import type { HeardGaps } from "../local/agent-status.ts";
import { table } from "./table.ts";

/** The gaps and the advice as tables for a terminal. */
export function tuneTable(
  { timing: inForce, days }: HeardGaps,
  advice: readonly ProfileAdvice[],
  nameOf: (node: string) => string,
): string {
  const timing = nameOfTiming(inForce);
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined)
    return "No heartbeat of any peer has been heard yet: ask again when the cluster has run for a while.";
  const byWay = new Map<string, GapHistogram>();
  for (const { peers } of days) {
    for (const [node, paths] of Object.entries(peers)) {
      for (const [path, gaps] of Object.entries<GapHistogram>(paths)) {
        const way = `${node} ${path}`;
        byWay.set(way, mergedGaps(byWay.get(way) ?? noGaps, gaps));
      }
    }
  }
  const own = days.reduce((sum, day) => mergedGaps(sum, day.own), noGaps);
  return [
    `Heard from ${first} to ${last} (UTC), now with profile ${timing}.`,
    "",
    table(
      ["HEARTBEATS OF", "PATH", "GAPS", "HALF UP TO", "99 % UP TO", "99.9 % UP TO", "LONGEST"],
      [...byWay].map(([way, gaps]) => {
        const [node = "", path = ""] = way.split(" ");
        return [nameOf(node), path, ...gapCells(gaps)];
      }),
    ),
    "",
    latenessSentence(own),
    "",
    table(
      ["PROFILE", "T", "BEARS SILENCE OF", "LONGER ONES", "LAST ON"],
      advice.map(({ profile, leaseMs, bearsMs, lost, lastDay }) => [
        profile === timing ? `${profile} (now)` : profile,
        `${leaseMs} ms`,
        `${bearsMs} ms`,
        lost === 0 ? "none" : `at most ${lost}`,
        lastDay ?? "-",
      ]),
    ),
    "",
    "Each longer silence would have moved a group that depended on that peer alone; with several paths the best one counts. Choose a profile that has none.",
  ].join("\n");
}

function latenessSentence(own: GapHistogram): string {
  const count = gapCount(own);
  if (count === 0) return "This node's own control loop was never late.";
  return `This node's own control loop was late ${count === 1 ? "once" : `${count} times`}, by at most ${Math.round(own.longestMs)} ms.`;
}

function gapCells(gaps: GapHistogram): readonly string[] {
  const quantiles = [0.5, 0.99, 0.999].map((share) => gapQuantileMs(gaps, share));
  return [String(gapCount(gaps)), ...[...quantiles, gaps.longestMs].map((ms) => (ms === null ? "-" : `${Math.round(ms)} ms`))];
}
