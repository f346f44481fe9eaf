import { clusterChecks } from "./cluster-preflight.ts";
import type { PreflightCheck } from "./preflight-check.ts";
import { preflightChecks } from "./preflight-checks.ts";

/** Every check with what it looks at and what follows, as Markdown tables made from the checks themselves. */
export function preflightTable(): string {
  return tableOf(preflightChecks);
}

export function clusterPreflightTable(): string {
  return tableOf(clusterChecks);
}

function tableOf<Looked>(checks: readonly PreflightCheck<Looked>[]): string {
  const rows = checks.map(
    ({ id, looksAt, warns, fails, nextStep }) => `| \`${id}\` | ${looksAt} | ${warns ?? "never"} | ${fails ?? "never"} | ${nextStep} |`,
  );
  return ["| check | looks at | warns where | fails where | next step |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
