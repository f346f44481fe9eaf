import type { ScenarioResult } from "./run-scenario.ts";

/** What the trials of some results have found, a line for each figure; nothing where there was none. */
export function figureLines(results: readonly Pick<ScenarioResult, "scenario" | "figures">[]): string[] {
  return results.flatMap(({ scenario, figures }) =>
    figures.map(({ what, value, of, unit }) => {
      const amount = unit === undefined ? String(value) : `${value.toFixed(0)} ${unit}`;
      return `${scenario}: ${what} ${amount}${of === undefined ? "" : ` of ${of}`}`;
    }),
  );
}
