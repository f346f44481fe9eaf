import { type GapHistogram, gapCount, gapQuantileMs, mergedGaps, noGaps } from "../../shared/domain/monitoring/gap-histogram.ts";
import type { ProfileAdvice } from "../../shared/domain/monitoring/timing-advice.ts";
import type { HeardGaps } from "../local/agent-status.ts";
import { table } from "./table.ts";

/** The gaps and the advice as tables for a terminal. */
export function tuneTable({ timing, days }: HeardGaps, advice: readonly ProfileAdvice[], nameOf: (node: string) => string): string {
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined)
    return "No heartbeat of any peer has been heard yet: ask again when the cluster has run for a while.";
  const byPeer = new Map<string, GapHistogram>();
  for (const { peers } of days) {
    for (const [node, gaps] of Object.entries(peers)) byPeer.set(node, mergedGaps(byPeer.get(node) ?? noGaps, gaps));
  }
  const own = days.reduce((sum, day) => mergedGaps(sum, day.own), noGaps);
  return [
    `Heard from ${first} to ${last} (UTC), now with profile ${timing}.`,
    "",
    table(
      ["HEARTBEATS OF", "GAPS", "HALF UP TO", "99 % UP TO", "99.9 % UP TO", "LONGEST"],
      [...byPeer].map(([node, gaps]) => [nameOf(node), ...gapCells(gaps)]),
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
    "Each longer silence would have moved a group that depended on that path alone: choose a profile that has none.",
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
