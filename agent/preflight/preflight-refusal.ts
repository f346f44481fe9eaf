import { type PreflightOutcome, type PreflightResult, withOutcome } from "../../shared/domain/preflight/preflight-check.ts";
import { AgentError, type AgentErrorCode } from "../agent-error.ts";

/** What had an exit code of its own before there were checks keeps it, where nothing else has failed. */
const ownCodes: Readonly<Record<string, AgentErrorCode>> = {
  ports: "port-unavailable",
  clock: "clock-wrong",
  "data-directory": "data-dir-unusable",
};

/** Every failed check, each with what to do; null where none has failed. `code`: for all of them alike, where the caller has one. */
export function preflightRefusal(results: readonly PreflightResult[], more: string, code?: AgentErrorCode): AgentError | null {
  const failed = withOutcome(results, "fail");
  const [first] = failed;
  if (first === undefined) return null;
  const lines = failed.map(({ id, subject, seen }) => `  ${subject === undefined ? id : `${id} (${subject})`}: ${seen}`);
  const steps = [...new Set(failed.flatMap(({ nextStep }) => nextStep ?? []))];
  const count = failed.length === 1 ? "A preflight check has failed" : `${failed.length} preflight checks have failed`;
  const own = failed.every(({ id }) => id === first.id) ? ownCodes[first.id] : undefined;
  return new AgentError(code ?? own ?? "preflight-failed", [`${count}:`, ...lines].join("\n"), [...steps, more].join(" "));
}

/** "3 ok, 1 warning, 0 failed". */
export function preflightCounts(results: readonly PreflightResult[]): string {
  const count = (outcome: PreflightOutcome): number => withOutcome(results, outcome).length;
  const warn = count("warn");
  return `${count("ok")} ok, ${warn} ${warn === 1 ? "warning" : "warnings"}, ${count("fail")} failed`;
}
