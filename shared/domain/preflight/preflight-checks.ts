import { clockChecks } from "./clock-checks.ts";
import { dataChecks } from "./data-checks.ts";
import { networkChecks } from "./network-checks.ts";
import { judged, type PreflightCheck, type PreflightResult } from "./preflight-check.ts";
import type { PreflightFacts } from "./preflight-facts.ts";
import { systemChecks } from "./system-checks.ts";

/** All of one server, in the order in which they are told. */
export const preflightChecks: readonly PreflightCheck[] = [...networkChecks, ...clockChecks, ...dataChecks, ...systemChecks];

export function preflight(facts: PreflightFacts): readonly PreflightResult[] {
  return judged(preflightChecks, facts);
}
