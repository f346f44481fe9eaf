import { type Attempt, type SentOccurrence, sentOccurrences } from "../../shared/domain/triggers/sent-log.ts";
import type { TriggerLog } from "./trigger-log.ts";

const pageMax = 500;

/** What of the logs is wanted: the newest occurrences of one trigger or of all, which were due before an instant (milliseconds since 1970) or at any time. */
export interface SentWish {
  readonly limit: number;
  readonly trigger: string | null;
  readonly beforeMs: number | null;
}

/**
 * Occurrences of these logs with all that was done about each, newest first. As many as are wanted, and those that were due in the same instant as the last
 * of them: whoever goes on before that instant leaves nothing out. Rejects with `LogAway`.
 */
export async function readSent(logs: readonly TriggerLog[], wish: SentWish): Promise<readonly SentOccurrence[]> {
  const found: SentOccurrence[] = [];
  for (const log of logs) found.push(...(await sentOf(log, wish)));
  const sorted = found.toSorted((one, other) => other.dueMs - one.dueMs);
  const last = sorted[wish.limit - 1];
  return last === undefined ? sorted : sorted.filter(({ dueMs }) => dueMs >= last.dueMs);
}

async function sentOf(log: TriggerLog, { limit, trigger, beforeMs }: SentWish): Promise<readonly SentOccurrence[]> {
  const isWanted = (attempt: Attempt): boolean =>
    (trigger === null || attempt.trigger === trigger) && (beforeMs === null || attempt.dueMs < beforeMs);
  const attempts = (await log.open()).filter(isWanted);
  for (let after = log.startBefore(beforeMs); ; ) {
    const page = await log.page(after, pageMax);
    attempts.push(...page.attempts.filter(isWanted));
    const lines = sentOccurrences(attempts);
    const enough = lines[limit - 1];
    const reached = page.attempts.at(-1);
    // What the next page may still add is older than all that is wanted.
    if (page.next === null || (enough !== undefined && reached !== undefined && reached.dueMs < enough.dueMs)) return lines;
    after = page.next;
  }
}
