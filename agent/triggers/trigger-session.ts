import { limits } from "../../shared/config/limits.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { dueNow, type Missed, soundCursor, type TimesOf } from "../../shared/domain/triggers/due.ts";
import { type Occurrence, occurrenceId } from "../../shared/domain/triggers/occurrence.ts";
import { type Attempt, settleOpen } from "../../shared/domain/triggers/sent-log.ts";
import type { ScheduleSource, Trigger } from "../../shared/domain/triggers/trigger.ts";
import { reasonOf } from "../agent-error.ts";
import { type CarryOutPorts, carryOut } from "./carry-out.ts";
import { LogAway, type TriggerLog } from "./trigger-log.ts";

const lookEveryMs = 1_000;
const openEveryMs = 2_000;
const noteAgainMs = 250;
const trimEveryMs = 3_600_000;

export interface SessionPorts extends CarryOutPorts {
  /** Of the group, as the document in force has them. */
  readonly triggers: () => readonly Trigger[];
  readonly logOf: (dataSet: string) => TriggerLog;
  readonly timesOf: (source: ScheduleSource) => TimesOf;
  readonly record: (detail: EventDetail) => void;
  /** The log stands in the way, and why; null: no longer. */
  readonly onTrouble: (reason: string | null) => void;
  /** Something has ended, or could not be done at its time: the log has another line. */
  readonly onLine: () => void;
}

export interface SessionIdentity {
  readonly group: GroupName;
  readonly epoch: number;
  /** Unlike that of any other session. */
  readonly run: string;
  readonly node: Attempt["node"];
}

/**
 * What one node does about the triggers of a group while it holds it, from one takeover to the next. Every occurrence is noted first, and done then; what
 * its predecessor has left in the middle it does again.
 */
export class TriggerSession {
  readonly #identity: SessionIdentity;
  readonly #ports: SessionPorts;
  readonly #ending = new AbortController();
  readonly #cursors = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  #wake: AbortController = new AbortController();
  #openLookedMs = Number.NEGATIVE_INFINITY;
  #trimmedMs = Number.NEGATIVE_INFINITY;
  #trouble: string | null = null;
  readonly over: Promise<void>;

  constructor(identity: SessionIdentity, ports: SessionPorts) {
    this.#identity = identity;
    this.#ports = ports;
    this.over = this.#live();
  }

  get isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  /** Begins nothing more; what is being done is left to whoever comes next. */
  end(): void {
    this.#ending.abort();
    this.#wake.abort();
  }

  /**
   * Something that occurs now, with what came along. Resolves once it is noted and, where that can be, on another disk; it is done afterwards. Rejects where
   * it cannot be noted: then nothing is done.
   */
  async occur(trigger: Trigger, occurrence: Occurrence, payload: string | null, isRequest: boolean): Promise<Attempt | "known"> {
    if (this.isEnding) throw new LogAway("this node does not know just now whether it still holds the group");
    const log = this.#ports.logOf(trigger.log);
    const id = occurrenceId(occurrence);
    if (this.#running.has(id) || (isRequest && (await log.wasRequested(occurrence)))) return "known";
    const held = Promise.withResolvers<void>();
    // A second one of the same name that comes meanwhile finds it.
    this.#running.set(id, held.promise);
    try {
      const attempt = this.#attempt(trigger, occurrence, { payload });
      await log.begin(attempt);
      if (isRequest) await log.noteRequest(occurrence);
      const noted = { ...attempt, isReplicated: await log.isElsewhere() };
      this.#go(trigger, noted, log);
      return noted;
    } catch (error) {
      this.#running.delete(id);
      throw error;
    } finally {
      held.resolve();
    }
  }

  async #live(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#turn();
        this.#say(null);
      } catch (error) {
        this.#say(reasonOf(error));
      }
      await this.#rest();
    }
    await Promise.allSettled(this.#running.values());
  }

  async #turn(): Promise<void> {
    const triggers = this.#ports.triggers();
    const nowMs = this.#ports.nowMs();
    if (nowMs - this.#openLookedMs >= openEveryMs || nowMs < this.#openLookedMs) {
      for (const name of new Set(triggers.map(({ log }) => log))) await this.#takeUp(this.#ports.logOf(name), triggers);
      this.#openLookedMs = nowMs;
    }
    for (const trigger of triggers) if (trigger.source.kind === "schedule") await this.#schedule(trigger, trigger.source);
    if (nowMs - this.#trimmedMs < trimEveryMs && nowMs >= this.#trimmedMs) return;
    for (const name of new Set(triggers.map(({ log }) => log))) await this.#ports.logOf(name).trim(limits.sentLogLinesMax);
    this.#trimmedMs = nowMs;
  }

  /** What others have left open: told here as such, and done again where it has not ended. */
  async #takeUp(log: TriggerLog, triggers: readonly Trigger[]): Promise<void> {
    const isHere = ({ run }: Attempt) => run === this.#identity.run;
    const isOwn = (attempt: Attempt) => isHere(attempt) && this.#running.has(occurrenceId(attempt));
    const open = await log.open();
    const orphans = open.filter((attempt) => !isOwn(attempt));
    if (orphans.length === 0) return;
    const ended: Attempt[] = [];
    for (const orphan of orphans) ended.push(...(await log.endedOf(orphan)));
    const { repeat, close, forget } = settleOpen(open, ended, isOwn);
    for (const orphan of repeat) {
      const trigger = triggers.find(({ name }) => name === orphan.trigger);
      const isRunning = this.#running.has(occurrenceId(orphan));
      if (trigger === undefined || isRunning) continue;
      await this.#begin(trigger, orphan, { payload: orphan.payload, results: orphan.results }, log);
    }
    for (const orphan of forget) await log.forget(orphan);
    // Of its own ones, which a log that was away has left, only what was begun anew stands.
    for (const orphan of close.filter((attempt) => !isHere(attempt))) {
      const keptDays = triggers.find(({ name }) => name === orphan.trigger)?.keptDays ?? 90;
      await log.end({ ...orphan, outcome: "unknown", endedAt: this.#now() }, keptDays);
    }
  }

  async #schedule(trigger: Trigger, source: ScheduleSource): Promise<void> {
    const log = this.#ports.logOf(trigger.log);
    const nowMs = this.#ports.nowMs();
    const known = this.#cursors.get(trigger.name) ?? (await log.cursor(trigger.name)) ?? 0;
    const fromMs = soundCursor(Math.max(known, Date.parse(trigger.since)), nowMs);
    this.#cursors.set(trigger.name, fromMs);
    const { run, missed } = dueNow(this.#ports.timesOf(source), fromMs, nowMs, trigger.late);
    if (missed !== null) {
      await this.#miss(trigger, missed, log);
      await this.#moveCursor(trigger, missed.lastMs, log);
    }
    for (const dueMs of run) {
      const occurrence = { trigger: trigger.name, key: keyOf(dueMs), dueMs };
      // A note that was lost with its node's disk may have been taken back by an older one.
      const isKnown =
        this.#running.has(occurrenceId(occurrence)) || (await log.endedOf(occurrence)).some(({ outcome }) => outcome !== "unknown");
      if (!isKnown) await this.#begin(trigger, occurrence, {}, log);
      await this.#moveCursor(trigger, dueMs, log);
    }
  }

  async #moveCursor({ name }: Trigger, upToMs: number, log: TriggerLog): Promise<void> {
    await log.moveCursor(name, upToMs);
    this.#cursors.set(name, upToMs);
  }

  async #miss(trigger: Trigger, { count, isAtLeast, firstMs, lastMs }: Missed, log: TriggerLog): Promise<void> {
    const [from, to] = [new Date(firstMs).toISOString(), new Date(lastMs).toISOString()];
    const occurrence = { trigger: trigger.name, key: keyOf(lastMs), dueMs: lastMs };
    const missed = { count, isAtLeast, from, to };
    const attempt = { ...this.#attempt(trigger, occurrence, { missed }), outcome: "missed" as const, endedAt: this.#now() };
    // Whoever comes to the same tells it in the same place.
    await log.end({ ...attempt, epoch: 0, run: "missed" }, trigger.keptDays);
    const about = { group: trigger.group, trigger: trigger.name, occurrence: occurrenceId(occurrence) };
    this.#ports.record({ kind: "trigger.missed", ...about, ...missed });
    this.#ports.onLine();
  }

  async #begin(trigger: Trigger, occurrence: Occurrence, more: Partial<Attempt>, log: TriggerLog): Promise<void> {
    while (this.#running.size >= limits.triggerRunsAtOnceMax) await Promise.race(this.#running.values());
    const attempt = this.#attempt(trigger, occurrence, more);
    await log.begin(attempt);
    this.#go(trigger, attempt, log);
  }

  #attempt({ group }: Trigger, { trigger, key, dueMs }: Occurrence, more: Partial<Attempt>): Attempt {
    const { epoch, run, node } = this.#identity;
    const begun = { group, epoch, run, node, begunAt: this.#now(), endedAt: null, outcome: "begun" as const };
    return { trigger, key, dueMs, ...begun, isReplicated: false, results: [], payload: null, ...more };
  }

  #go(trigger: Trigger, attempt: Attempt, log: TriggerLog): void {
    const id = occurrenceId(attempt);
    const work = this.#finish(trigger, attempt, log)
      .catch((error: unknown) => {
        // It stays open: whoever looks next, here or elsewhere, finds it.
        if (!this.#ending.signal.aborted) this.#say(reasonOf(error));
      })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, work);
  }

  async #finish(trigger: Trigger, begun: Attempt, log: TriggerLog): Promise<void> {
    const { signal } = this.#ending;
    const isReplicated = begun.isReplicated || (await log.isElsewhere());
    let attempt: Attempt = { ...begun, isReplicated };
    const isDone = ({ name }: { readonly name: string }) => begun.results.some((result) => result.name === name);
    const left = trigger.actions.filter((action) => !isDone(action));
    let noting = Promise.resolve();
    const note = (): Promise<void> => {
      noting = noting.then(() => this.#kept(() => log.begin(attempt)));
      return noting;
    };
    await Promise.all(
      left.map(async (action) => {
        const result = await carryOut(action, trigger, attempt, this.#ports, signal);
        attempt = { ...attempt, results: [...attempt.results, result] };
        // So that a successor does only what is left.
        if (attempt.results.length < trigger.actions.length) await note();
      }),
    );
    await noting;
    const failed = attempt.results.filter(({ outcome }) => outcome === "failed");
    const ended = { ...attempt, outcome: failed.length === 0 ? ("done" as const) : ("failed" as const), endedAt: this.#now() };
    await this.#kept(() => log.end(ended, trigger.keptDays));
    this.#ports.onLine();
    if (failed.length === 0) return;
    const reason = failed.map(({ name, tries, detail }) => `${name} (${tries} ${tries === 1 ? "try" : "tries"}): ${detail}`).join("; ");
    const about = { group: trigger.group, trigger: trigger.name, occurrence: occurrenceId(attempt) };
    this.#ports.record({ kind: "trigger.failed", ...about, reason: reason.slice(0, 1_000) });
  }

  /** What was done must not be done again for a log that is away for a moment. */
  async #kept(note: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await note();
      } catch (error) {
        if (!(error instanceof LogAway)) throw error;
        this.#say(error.message);
      }
      await this.#ports.sleep(noteAgainMs, this.#ending.signal);
    }
  }

  async #rest(): Promise<void> {
    const nowMs = this.#ports.nowMs();
    const next = this.#ports
      .triggers()
      .flatMap(({ source }) => (source.kind === "schedule" ? this.#ports.timesOf(source)(nowMs, nowMs + lookEveryMs, 1) : []));
    this.#wake = new AbortController();
    if (this.#ending.signal.aborted) return;
    // Ended early by `end` alone.
    await this.#ports
      .sleep(Math.max(1, Math.min(this.#trouble === null ? lookEveryMs : noteAgainMs, ...next.map((ms) => ms - nowMs))), this.#wake.signal)
      .catch(() => {});
  }

  #say(reason: string | null): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    if (!this.#ending.signal.aborted) this.#ports.onTrouble(reason);
  }

  #now(): string {
    return new Date(this.#ports.nowMs()).toISOString();
  }
}

/** A schedule has no finer times than seconds. */
function keyOf(dueMs: number): string {
  return new Date(dueMs).toISOString().replace(".000Z", "Z");
}
