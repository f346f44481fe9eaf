import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import type { Occurrence } from "../../shared/domain/triggers/occurrence.ts";
import { type Attempt, logKeys } from "../../shared/domain/triggers/sent-log.ts";
import { isRefusal, type RecordAnswers, type RecordRequest } from "../records/record-request.ts";
import type { Replication } from "../replication/replication.ts";

const pageMax = 500;
const dayMs = 86_400_000;
/** A sender that repeats a request does so within a day. */
const requestKeptMs = dayMs;
/** Waiting longer for another disk would make what is to be done late. */
const elsewhereWithinMs = 1_000;

/** The log cannot be read or written now, and why: nothing was changed. */
export class LogAway extends Error {}

export interface TriggerLogOptions {
  /** The data set of records. */
  readonly dataSet: string;
  readonly records: Replication["records"];
  readonly barrier: Replication["barrier"];
  /** What allows this node to write now; null: nothing does. */
  readonly tenure: () => Tenure | null;
}

/** What was and is to be done by the triggers of one group, in a replicated data set of records. Every method rejects with `LogAway`. */
export class TriggerLog {
  readonly #options: TriggerLogOptions;

  constructor(options: TriggerLogOptions) {
    this.#options = options;
  }

  /** Up to when a schedule's occurrences are in the log, in milliseconds since 1970; null: none is yet. */
  async cursor(trigger: string): Promise<number | null> {
    const record = await this.#ask({ kind: "get", dataSet: this.#options.dataSet, key: logKeys.cursor(trigger) });
    return record === null ? null : (JSON.parse(record.value) as { readonly upToMs: number }).upToMs;
  }

  async moveCursor(trigger: string, upToMs: number): Promise<void> {
    await this.#put(logKeys.cursor(trigger), { upToMs }, null);
  }

  open(): Promise<readonly Attempt[]> {
    return this.#all(logKeys.openAll);
  }

  endedOf(occurrence: Occurrence): Promise<readonly Attempt[]> {
    return this.#all(logKeys.sentOf(occurrence));
  }

  /** Noted as begun; again with what has come of it so far. */
  async begin(attempt: Attempt): Promise<void> {
    await this.#put(logKeys.open(attempt), attempt, null);
  }

  /** First there, then no longer here: a node that dies in between has it in both, which says the same. */
  async end(attempt: Attempt, keptDays: number): Promise<void> {
    await this.#put(logKeys.sent(attempt), attempt, keptDays * dayMs);
    await this.forget(attempt);
  }

  async forget(attempt: Attempt): Promise<void> {
    await this.#remove(logKeys.open(attempt));
  }

  async wasRequested(occurrence: Pick<Occurrence, "trigger" | "key">): Promise<boolean> {
    return (await this.#ask({ kind: "get", dataSet: this.#options.dataSet, key: logKeys.request(occurrence) })) !== null;
  }

  async noteRequest(occurrence: Pick<Occurrence, "trigger" | "key">): Promise<void> {
    await this.#put(logKeys.request(occurrence), {}, requestKeptMs);
  }

  /** Whether another node has all of it on its disk, now or in a moment. */
  async isElsewhere(): Promise<boolean> {
    try {
      await this.#options.barrier(this.#options.dataSet, elsewhereWithinMs);
      return true;
    } catch {
      // Nobody has it in time: whoever waits goes on, and says so.
      return false;
    }
  }

  /** Where `page` begins to get what was due before an instant, milliseconds since 1970; null: with the newest. */
  startBefore(beforeMs: number | null): string | null {
    return beforeMs === null ? null : logKeys.sentFrom(beforeMs);
  }

  /** Lines that have ended, newest first, and the place from which there are more; null: there are none. */
  async page(after: string | null, limit: number): Promise<{ readonly attempts: readonly Attempt[]; readonly next: string | null }> {
    const { dataSet } = this.#options;
    const { records, more } = await this.#ask({ kind: "list", dataSet, prefix: logKeys.sentAll, after: after ?? "", limit });
    return { attempts: records.map(({ value }) => JSON.parse(value) as Attempt), next: more ? (records.at(-1)?.key ?? null) : null };
  }

  /** Deletes the oldest ended lines over `linesMax`. Returns how many went. */
  async trim(linesMax: number): Promise<number> {
    let kept = 0;
    let removed = 0;
    for (let after: string | null = ""; after !== null; ) {
      const page = await this.page(after, pageMax);
      const spare = page.attempts.slice(Math.max(0, linesMax - kept));
      kept += page.attempts.length - spare.length;
      for (const attempt of spare) await this.#remove(logKeys.sent(attempt));
      removed += spare.length;
      after = page.next;
    }
    return removed;
  }

  async #all(prefix: string): Promise<readonly Attempt[]> {
    const { dataSet } = this.#options;
    const found: Attempt[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const page: RecordAnswers["list"] = await this.#ask({ kind: "list", dataSet, prefix, after, limit: pageMax });
      found.push(...page.records.map(({ value }) => JSON.parse(value) as Attempt));
      after = page.more ? page.records.at(-1)?.key : undefined;
    }
    return found;
  }

  async #put(key: string, value: unknown, ttlMs: number | null): Promise<void> {
    const { dataSet } = this.#options;
    const condition = { is: "any" } as const;
    await this.#ask({ kind: "put", dataSet, key, value: JSON.stringify(value), ttlMs, condition, tenure: this.#tenure() });
  }

  async #remove(key: string): Promise<void> {
    const { dataSet, records } = this.#options;
    const answer = await records({ kind: "delete", dataSet, key, condition: { is: "any" }, tenure: this.#tenure() });
    if (isRefusal(answer) && answer.refused !== "unknown-record") throw new LogAway(answer.reason);
  }

  #tenure(): Tenure {
    const tenure = this.#options.tenure();
    if (tenure === null) throw new LogAway("this node does not hold the group any more");
    return tenure;
  }

  async #ask<Request extends RecordRequest>(request: Request): Promise<RecordAnswers[Request["kind"]]> {
    const answer = await this.#options.records(request);
    if (answer === null || !isRefusal(answer)) return answer;
    throw new LogAway(answer.reason);
  }
}
