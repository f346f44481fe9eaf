import type { ScenarioResult } from "./run-scenario.ts";

export const resultHeading = [
  "scenario",
  "outcome",
  "holder before",
  "during",
  "after",
  "silent ms",
  "after heal ms",
  "both answer ms",
  "recovered ms",
  "told",
] as const;

export function resultRow(result: ScenarioResult): string[] {
  const times = [result.silenceMs, result.silenceAfterHealMs, result.bothAnswerMs, result.recoveredMs].map((ms) => ms.toFixed(0));
  return [
    result.scenario,
    result.problems.length === 0 ? "passed" : "FAILED",
    result.holderBefore,
    result.holderDuring ?? "nobody",
    result.holderAfter,
    ...times,
    [...new Set(result.told)].join(" "),
  ];
}
