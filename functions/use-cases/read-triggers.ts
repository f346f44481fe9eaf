import { Cron } from "croner";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import { isTriggerEvent } from "../../shared/domain/monitoring/trigger-event.ts";
import type { EventSource, ScheduleSource, Trigger, TriggerSource } from "../../shared/domain/triggers/trigger.ts";
import { newestRuns, type TriggerRun } from "../../shared/domain/triggers/trigger-run.ts";
import type { Dependencies } from "../dependencies.ts";
import { readClusterState } from "./read-cluster-state.ts";

const nextShown = 3;

/** A trigger for people: of a token is told whether there is one. */
export interface ShownTrigger extends Omit<Trigger, "source"> {
  readonly source: ScheduleSource | EventSource | { readonly kind: "webhook"; readonly hasToken: boolean };
  /** The next times of a schedule, ISO 8601 UTC; of other sources none. */
  readonly next: readonly string[];
  /** What came of it last, newest first, as the nodes have reported it. */
  readonly runs: readonly TriggerRun[];
}

export interface TriggersRead {
  readonly triggers: readonly ShownTrigger[];
  /** Of the cluster's newest events those about triggers, newest first; also of triggers that are gone. */
  readonly told: readonly ClusterEvent[];
}

/** The triggers of a cluster, with what comes next and what came of them as far as the nodes have told. */
export async function readTriggers(dependencies: Dependencies, clusterId: ClusterId): Promise<TriggersRead> {
  const [{ document, reports }, page] = await Promise.all([
    readClusterState(dependencies, clusterId),
    dependencies.stores.events.page(clusterId, { limit: limits.eventsPerPageMax }),
  ]);
  const runs = newestRuns(...newestFirst(reports));
  return {
    triggers: (document.triggers ?? []).map((trigger) => shown(trigger, runs, dependencies.nowMs())),
    told: page === "bad-position" ? [] : page.events.filter(({ detail }) => isTriggerEvent(detail)),
  };
}

function newestFirst(reports: readonly NodeReport[]): readonly (readonly TriggerRun[])[] {
  return reports.toSorted((one, other) => (one.at > other.at ? -1 : 1)).map(({ triggerRuns = [] }) => triggerRuns);
}

function shown(trigger: Trigger, runs: readonly TriggerRun[], nowMs: number): ShownTrigger {
  const { name, source } = trigger;
  return {
    ...trigger,
    source: source.kind === "webhook" ? { kind: "webhook", hasToken: source.tokenSha256 !== undefined } : source,
    next: nextTimes(source, nowMs),
    runs: runs.filter((run) => run.trigger === name),
  };
}

function nextTimes(source: TriggerSource, nowMs: number): readonly string[] {
  if (source.kind !== "schedule") return [];
  const schedule = new Cron(source.cron, { timezone: source.zone, paused: true });
  return schedule.nextRuns(nextShown, new Date(nowMs)).map((at) => at.toISOString());
}
