import type { GroupName, NodeId } from "../ids.ts";
import { type Occurrence, occurrenceId } from "./occurrence.ts";
import type { TriggerAction } from "./trigger.ts";

/** What came of one action; a failure is final. `at`: ISO 8601 UTC. */
export interface ActionResult {
  readonly name: string;
  readonly kind: TriggerAction["kind"];
  readonly outcome: "done" | "failed";
  readonly tries: number;
  readonly at: string;
  readonly detail: string;
}

/**
 * `begun`: some of it may have been done. `unknown`: so it was when its node was heard of last, and another node has done it again. `missed`: nobody could
 * do it at its time.
 */
export type AttemptOutcome = "begun" | "done" | "failed" | "unknown" | "missed";

/** What one node has done about one occurrence: a record of its own, which no other node ever writes but to close it. Instants: ISO 8601 UTC. */
export interface Attempt extends Occurrence {
  readonly group: GroupName;
  /** Of the group's tenure, under which it was begun. */
  readonly epoch: number;
  /** Tells what one process has begun from everything else. */
  readonly run: string;
  /** With the name that it had then: it stays here when the node is gone. */
  readonly node: { readonly nodeId: NodeId; readonly name: string };
  readonly begunAt: string;
  readonly endedAt: string | null;
  readonly outcome: AttemptOutcome;
  /** Another node had it on its disk before anything was done. */
  readonly isReplicated: boolean;
  readonly results: readonly ActionResult[];
  /** What came with the request or the event, as JSON; null: nothing. */
  readonly payload: string | null;
  readonly missed?: { readonly count: number; readonly isAtLeast: boolean; readonly from: string; readonly to: string };
}

/** Greater than any instant, and of as many digits: what is newer comes first among keys. */
const afterAllMs = 9_999_999_999_999;

/** Keys in the log. Under `open/` stands what has begun, under `sent/` what has ended, the newest first. */
export const logKeys = {
  openAll: "open/",
  sentAll: "sent/",
  open: (attempt: Attempt): string => `open/${occurrenceId(attempt)}/${attempt.epoch}-${attempt.run}`,
  sentOf: (occurrence: Occurrence): string => `sent/${afterAllMs - occurrence.dueMs}/${occurrenceId(occurrence)}/`,
  /** After every key of what was due at that instant or later: a zero comes after the slash that ends a number of all digits. */
  sentFrom: (dueMs: number): string => `sent/${afterAllMs - dueMs}0`,
  sent: (attempt: Attempt): string => `${logKeys.sentOf(attempt)}${attempt.epoch}-${attempt.run}`,
  cursor: (trigger: string): string => `cursor/${trigger}`,
  request: (occurrence: Pick<Occurrence, "trigger" | "key">): string => `request/${occurrenceId(occurrence)}`,
} as const;

export interface Settlement {
  /** To be done again, under the same id, by whoever holds the group now; `results`: what of it was done for sure. */
  readonly repeat: readonly Attempt[];
  /** Nobody goes on with these. */
  readonly close: readonly Attempt[];
  /** These have ended, and their node died before it could take them off. */
  readonly forget: readonly Attempt[];
}

/**
 * What a holder does about attempts that are open and not its own: their node has died, or has lost the group, in the middle. An occurrence that has ended
 * is not done again, nor one that this holder is at itself. `ended`: of the same occurrences.
 */
export function settleOpen(open: readonly Attempt[], ended: readonly Attempt[], isOwn: (attempt: Attempt) => boolean): Settlement {
  const settled = new Set(ended.filter(({ outcome }) => outcome !== "unknown").map(occurrenceId));
  const taken = new Set([...settled, ...open.filter(isOwn).map(occurrenceId)]);
  const orphans = open.filter((attempt) => !isOwn(attempt));
  const repeat = new Map<string, Attempt>();
  for (const orphan of orphans) {
    const id = occurrenceId(orphan);
    if (taken.has(id)) continue;
    const other = repeat.get(id);
    repeat.set(id, { ...orphan, results: doneIn([...(other?.results ?? []), ...orphan.results]) });
  }
  const endedKeys = new Set(ended.map(logKeys.sent));
  const hasEnded = (attempt: Attempt): boolean => endedKeys.has(logKeys.sent(attempt));
  return { repeat: [...repeat.values()], close: orphans.filter((orphan) => !hasEnded(orphan)), forget: orphans.filter(hasEnded) };
}

/** What was done for sure need not be done again. */
function doneIn(results: readonly ActionResult[]): readonly ActionResult[] {
  const done = results.filter(({ outcome }) => outcome === "done");
  return done.filter(({ name }, index) => done.findIndex((other) => other.name === name) === index);
}

/** One occurrence with all that nodes have done about it. */
export interface SentOccurrence extends Occurrence {
  readonly id: string;
  readonly group: GroupName;
  readonly outcome: AttemptOutcome;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  /** So often more than once something of it may have been done: receivers tell it by the id. */
  readonly repeats: number;
}

const weight: Readonly<Record<AttemptOutcome, number>> = { done: 4, failed: 3, begun: 2, unknown: 1, missed: 0 };

/** The log by occurrence, newest first. */
export function sentOccurrences(attempts: readonly Attempt[]): readonly SentOccurrence[] {
  const byId = Map.groupBy(attempts, occurrenceId);
  const lines = [...byId].map(([id, of]): SentOccurrence | null => {
    const sorted = of.toSorted((one, other) => one.epoch - other.epoch || (one.begunAt < other.begunAt ? -1 : 1));
    const [best] = sorted.toSorted((one, other) => weight[other.outcome] - weight[one.outcome]);
    if (best === undefined) return null;
    const acted = sorted.filter(({ outcome }) => outcome !== "missed").length;
    const { trigger, key, dueMs, group, outcome } = best;
    return { id, trigger, key, dueMs, group, outcome, attempts: sorted, repeats: Math.max(0, acted - 1) };
  });
  return lines.filter((line) => line !== null).toSorted((one, other) => other.dueMs - one.dueMs);
}
