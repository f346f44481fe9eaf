import type { AttemptOutcome, SentOccurrence } from "./sent-log.ts";

/** What came of one occurrence, as a node tells the cloud: a line of the sent log without what the actions answered. */
export interface TriggerRun {
  /** Its id. */
  readonly occurrence: string;
  readonly trigger: string;
  /** Milliseconds since 1970, UTC. */
  readonly dueMs: number;
  readonly outcome: AttemptOutcome;
  /** Names of the servers that did something about it, as they were called then, oldest first. */
  readonly servers: readonly string[];
  /** So often more than once something of it may have been done. */
  readonly repeats: number;
}

/** So many of each trigger, the newest. */
export const runsToldPerTrigger = 3;
/** So many of each run, the newest. */
export const serversToldMax = 8;

export function runOf({ id, trigger, dueMs, outcome, attempts, repeats }: SentOccurrence): TriggerRun {
  const servers = [...new Set(attempts.map(({ node }) => node.name))].slice(-serversToldMax);
  return { occurrence: id, trigger, dueMs, outcome, servers, repeats };
}

/** The newest of each trigger, newest first; where two lists tell of one occurrence, the first is right. */
export function newestRuns(...told: readonly (readonly TriggerRun[])[]): readonly TriggerRun[] {
  const byId = new Map<string, TriggerRun>();
  for (const run of told.flat()) if (!byId.has(run.occurrence)) byId.set(run.occurrence, run);
  const sorted = [...byId.values()].toSorted((one, other) => other.dueMs - one.dueMs);
  return [...Map.groupBy(sorted, ({ trigger }) => trigger).values()]
    .flatMap((of) => of.slice(0, runsToldPerTrigger))
    .toSorted((one, other) => other.dueMs - one.dueMs);
}
