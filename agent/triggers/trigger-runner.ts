import { createHash, randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { occurrenceId } from "../../shared/domain/triggers/occurrence.ts";
import type { Attempt } from "../../shared/domain/triggers/sent-log.ts";
import type { Trigger } from "../../shared/domain/triggers/trigger.ts";
import type { TriggerRun } from "../../shared/domain/triggers/trigger-run.ts";
import type { GroupStandings } from "../answers/group-standing.ts";
import type { Replication } from "../replication/replication.ts";
import { type ActionOptions, actionProblem, performAction } from "./actions/perform-action.ts";
import { realSleep } from "./carry-out.ts";
import { cronTimes } from "./cron-times.ts";
import { RecentRuns } from "./recent-runs.ts";
import { LogAway, TriggerLog } from "./trigger-log.ts";
import { TriggerSession } from "./trigger-session.ts";

/** A takeover is told before what runs the group's triggers has begun. */
const eventKeptMs = 30_000;
const eventsKeptMax = 100;

export interface TriggerRunnerOptions extends ActionOptions {
  readonly nodeId: NodeId;
  readonly nameOf: (node: NodeId) => string;
  readonly document: () => ClusterDocument;
  readonly standings: Pick<GroupStandings, "of" | "tenureOf" | "onView">;
  readonly replication: Pick<Replication, "records" | "barrier">;
  readonly log: Pick<Logger, "info" | "warn">;
}

interface Held {
  readonly epoch: number;
  readonly session: TriggerSession;
}

/** Nobody can note it here now, and why: nothing is done. */
export class NotHere extends Error {}

/** One session for each group with triggers that this node holds, for as long as it holds it. */
export class TriggerRunner {
  readonly #options: TriggerRunnerOptions;
  readonly #held = new Map<GroupName, Held>();
  readonly #recent: RecentRuns;
  #early: { readonly event: ClusterEvent; readonly untilMs: number }[] = [];
  #isClosed = false;

  constructor(options: TriggerRunnerOptions) {
    this.#options = options;
    const ofHeld = () => this.triggers.filter(({ group }) => this.#held.has(group));
    this.#recent = new RecentRuns({
      logs: () => [...new Map(ofHeld().map(({ log, group }) => [log, this.logOf(log, group)])).values()],
      names: () => new Set(ofHeld().map(({ name }) => name)),
      sleep: realSleep,
      log: options.log,
    });
    options.standings.onView(() => this.#look());
  }

  get triggers(): readonly Trigger[] {
    return this.#options.document().triggers ?? [];
  }

  /** What of this node's settings is missing for what the cluster's triggers shall do, and what stands in the way of their log. */
  get problems(): readonly string[] {
    const { settings } = this.#options;
    const missing = this.triggers.flatMap(({ name, actions }) =>
      actions.flatMap((action) => {
        const problem = actionProblem(action, settings);
        return problem === null ? [] : [`trigger ${name} cannot do ${action.name} here: ${problem}`];
      }),
    );
    const stuck = [...this.#held].flatMap(([group, { session }]) =>
      session.trouble === null ? [] : [`the triggers of group ${group} wait: ${session.trouble}`],
    );
    return [...missing, ...stuck];
  }

  /** What came of the triggers that this node runs, for the cloud. */
  get recentRuns(): readonly TriggerRun[] {
    return this.#recent.runs;
  }

  logOf(dataSet: string, group: GroupName): TriggerLog {
    const { replication, standings } = this.#options;
    return new TriggerLog({
      dataSet,
      records: (request) => replication.records(request),
      barrier: (name, timeoutMs) => replication.barrier(name, timeoutMs),
      tenure: () => standings.tenureOf(group),
    });
  }

  /** Sets a trigger off by hand or by a request; the same `requestKey` is the same occurrence. Rejects with `NotHere`. */
  async setOff(
    trigger: Trigger,
    payload: string | null,
    requestKey: string | null,
  ): Promise<{ readonly id: string; readonly attempt: Attempt | "known" }> {
    const held = this.#held.get(trigger.group);
    if (held === undefined) throw new NotHere(`this node does not run group ${trigger.group}`);
    const key = requestKey === null ? randomUUID().replaceAll("-", "") : digest(requestKey);
    const occurrence = { trigger: trigger.name, key, dueMs: Date.now() };
    try {
      return { id: occurrenceId(occurrence), attempt: await held.session.occur(trigger, occurrence, payload, requestKey !== null) };
    } catch (error) {
      if (error instanceof LogAway) throw new NotHere(error.message);
      throw error;
    }
  }

  /** Something that this node itself has told. */
  eventTold(event: ClusterEvent): void {
    if (this.#isClosed || this.triggers.every(({ source }) => source.kind !== "event")) return;
    for (const { name } of this.#options.document().groups) if (this.#held.has(name)) this.#offer(event, name);
    this.#early = [
      ...this.#early.filter(({ untilMs }) => untilMs > performance.now()),
      { event, untilMs: performance.now() + eventKeptMs },
    ].slice(-eventsKeptMax);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const sessions = [...this.#held.values()].map(({ session }) => session);
    this.#held.clear();
    for (const session of sessions) session.end();
    await Promise.all([...sessions.map(({ over }) => over), this.#recent.close()]);
  }

  #look(): void {
    if (this.#isClosed) return;
    const { standings } = this.#options;
    const wanted = new Set(this.triggers.map(({ group }) => group));
    for (const [group, { epoch, session }] of this.#held) {
      if (wanted.has(group) && standings.tenureOf(group)?.epoch === epoch && !session.isEnding) continue;
      session.end();
      this.#held.delete(group);
    }
    for (const group of wanted) {
      const standing = standings.of(group);
      if (standing?.is === "operational" && !this.#held.has(group)) this.#hold(group, standing.epoch);
    }
  }

  #hold(group: GroupName, epoch: number): void {
    const options = this.#options;
    const { nodeId, nameOf, standings, log } = options;
    const session: TriggerSession = new TriggerSession(
      { group, epoch, run: randomUUID().slice(0, 8), node: { nodeId, name: nameOf(nodeId) } },
      {
        triggers: () => this.triggers.filter((trigger) => trigger.group === group),
        logOf: (dataSet) => this.logOf(dataSet, group),
        timesOf: cronTimes,
        nowMs: () => Date.now(),
        sleep: realSleep,
        perform: (action, _trigger, attempt, signal) => {
          // However late the control loop is: nothing begins once the lease has ended. Where it was only late in being heard of, the next look begins a
          // session anew, which takes up what this one leaves.
          if (standings.tenureOf(group)?.epoch !== epoch) session.end();
          signal.throwIfAborted();
          return performAction(action, attempt, options, signal);
        },
        record: options.record,
        onLine: () => this.#recent.note(),
        onTrouble: (reason) =>
          reason === null ? log.info(`the triggers of group ${group} go on`) : log.warn(`the triggers of group ${group} wait: ${reason}`),
      },
    );
    this.#held.set(group, { epoch, session });
    this.#recent.note();
    for (const { event, untilMs } of this.#early) if (untilMs > performance.now()) this.#offer(event, group);
  }

  #offer(event: ClusterEvent, group: GroupName): void {
    const { detail, eventId, at } = event;
    if ("group" in detail && detail.group !== group) return;
    const session = this.#held.get(group)?.session;
    for (const trigger of this.triggers) {
      if (trigger.group !== group || trigger.source.kind !== "event" || !trigger.source.events.includes(detail.kind)) continue;
      const occurrence = { trigger: trigger.name, key: digest(eventId), dueMs: Date.parse(at) };
      const payload = JSON.stringify({ eventId, kind: detail.kind });
      session?.occur(trigger, occurrence, payload, true).catch((error: unknown) => {
        this.#options.log.warn(
          `trigger ${trigger.name} could not note ${detail.kind}: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
