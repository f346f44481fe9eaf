import { type PreflightOutcome, type PreflightResult, withOutcome } from "./preflight-check.ts";

/** The longest that a report tells of one thing. */
export const preflightSeenCharactersMax = 300;
export const preflightSubjectCharactersMax = 120;
export const preflightIdCharactersMax = 64;
export const preflightFindingsMax = 24;

/** What was not well. Who reads it has the next step from the list of checks, by the id. */
export interface PreflightFinding {
  readonly id: string;
  readonly outcome: Exclude<PreflightOutcome, "ok">;
  readonly subject?: string;
  readonly seen: string;
}

/** The newest look at one server, as its node's report carries it: what is well is counted alone, since every report costs by its length. */
export interface PreflightReport {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly ok: number;
  /** Worst first. */
  readonly findings: readonly PreflightFinding[];
  /** Findings that found no room. */
  readonly leftOut: number;
  /** Checks that had failed when the node was made to join all the same; absent where none had. */
  readonly despite?: readonly string[];
}

export function preflightReport(at: string, results: readonly PreflightResult[], despite: readonly string[]): PreflightReport {
  const bad = [...withOutcome(results, "fail"), ...withOutcome(results, "warn")].flatMap(findingOf);
  return {
    at,
    ok: withOutcome(results, "ok").length,
    findings: bad.slice(0, preflightFindingsMax),
    leftOut: Math.max(0, bad.length - preflightFindingsMax),
    ...(despite.length === 0 ? {} : { despite }),
  };
}

function findingOf({ id, outcome, subject, seen }: PreflightResult): readonly PreflightFinding[] {
  if (outcome === "ok") return [];
  const about = subject === undefined ? {} : { subject: subject.slice(0, preflightSubjectCharactersMax) };
  return [{ id, outcome, ...about, seen: seen.slice(0, preflightSeenCharactersMax) }];
}

/** What makes a report worth sending: when it was looked and how much is free at the moment is no news. */
export function preflightEssence({ findings, leftOut, despite }: PreflightReport): unknown {
  return { findings: findings.map(({ id, outcome, subject }) => ({ id, outcome, subject })), leftOut, despite };
}
