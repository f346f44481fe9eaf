import type { NodeId } from "../ids.ts";
import { type PreflightOutcome, type PreflightResult, withOutcome } from "./preflight-check.ts";
import type { PreflightFacts, ReachFact, TimeSource } from "./preflight-facts.ts";

/** The longest that a report tells of one thing. */
export const preflightSeenCharactersMax = 300;
export const preflightSubjectCharactersMax = 120;
export const preflightIdCharactersMax = 64;
export const preflightFindingsMax = 24;
export const timeSourcesMax = 8;
export const timeSourceCharactersMax = 64;
export const reachProblemCharactersMax = 60;

/** What was not well. Who reads it has the next step from the list of checks, by the id. */
export interface PreflightFinding {
  readonly id: string;
  readonly outcome: Exclude<PreflightOutcome, "ok">;
  readonly subject?: string;
  readonly seen: string;
}

/** What the control plane needs of a server to hold it beside the others (cluster-preflight.ts). */
export interface BesideOthers {
  readonly reach: Reach;
  readonly timeSource: ToldTimeSource;
}

export interface Reach {
  /** Whose ports were tried, on every way to them. */
  readonly tried: readonly NodeId[];
  readonly unreached: readonly UnreachedPort[];
}

export type UnreachedPort = Pick<ReachFact, "nodeId" | "path" | "port"> & { readonly problem: string };

export interface ToldTimeSource {
  readonly program: string;
  readonly isSynchronised: boolean;
  readonly sources: readonly string[];
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
  /** Absent before the node has joined, or by an agent that does not tell. */
  readonly beside?: BesideOthers;
}

export function besideOthers({ others, timeSource }: Pick<PreflightFacts, "others" | "timeSource">): BesideOthers {
  return {
    reach: {
      tried: [...new Set(others.map(({ nodeId }) => nodeId))],
      unreached: others.flatMap(({ nodeId, path, port, problem }) =>
        problem === null ? [] : [{ nodeId, path, port, problem: problem.slice(0, reachProblemCharactersMax) }],
      ),
    },
    timeSource: told("value" in timeSource ? timeSource.value : nothing),
  };
}

/** As far as was found. */
const nothing = { program: "nothing", isSynchronised: false, sources: [] } as const;

function told({ program, isSynchronised, sources }: Omit<TimeSource, "detail">): ToldTimeSource {
  const named = sources.filter(({ length }) => length <= timeSourceCharactersMax);
  return { program, isSynchronised, sources: named.slice(0, timeSourcesMax) };
}

export function preflightReport(
  at: string,
  results: readonly PreflightResult[],
  despite: readonly string[],
  beside: BesideOthers | null = null,
): PreflightReport {
  const bad = [...withOutcome(results, "fail"), ...withOutcome(results, "warn")].flatMap(findingOf);
  return {
    at,
    ok: withOutcome(results, "ok").length,
    findings: bad.slice(0, preflightFindingsMax),
    leftOut: Math.max(0, bad.length - preflightFindingsMax),
    ...(despite.length === 0 ? {} : { despite }),
    ...(beside === null ? {} : { beside }),
  };
}

function findingOf({ id, outcome, subject, seen }: PreflightResult): readonly PreflightFinding[] {
  if (outcome === "ok") return [];
  const about = subject === undefined ? {} : { subject: subject.slice(0, preflightSubjectCharactersMax) };
  return [{ id, outcome, ...about, seen: seen.slice(0, preflightSeenCharactersMax) }];
}

/** What makes a report worth sending: when it was looked and how much is free at the moment is no news. */
export function preflightEssence({ findings, leftOut, despite, beside }: PreflightReport): unknown {
  const unreached = beside?.reach.unreached.map(({ nodeId, path, port }) => ({ nodeId, path, port }));
  return {
    findings: findings.map(({ id, outcome, subject }) => ({ id, outcome, subject })),
    leftOut,
    despite,
    tried: beside?.reach.tried,
    unreached,
  };
}
