import type { PreflightResult } from "../../shared/domain/preflight/preflight-check.ts";
import { preflightCounts } from "../preflight/preflight-refusal.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

/** Every check with what was seen, then what to do about those that are not well. */
export function preflightTable(results: readonly PreflightResult[]): string {
  const steps = new Map(results.flatMap(({ id, nextStep }) => (nextStep === null ? [] : [[id, nextStep] as const])));
  return [
    table(
      ["CHECK", "OF", "OUTCOME", "SEEN"],
      results.map(({ id, subject, outcome, seen }) => [id, subject ?? "", outcome === "ok" ? "ok" : outcome.toUpperCase(), seen]),
    ),
    "",
    ...[...steps].map(([id, nextStep]) => printable(`${id}: ${nextStep}`)),
    ...(steps.size === 0 ? [] : [""]),
    `Preflight: ${preflightCounts(results)}.`,
  ].join("\n");
}
