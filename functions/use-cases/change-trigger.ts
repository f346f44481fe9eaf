import { Cron } from "croner";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { Trigger, TriggerSource } from "../../shared/domain/triggers/trigger.ts";
import type { Dependencies } from "../dependencies.ts";
import { secretHash } from "../store/table-keys.ts";
import { changeDocument, type DocumentChange } from "./change-document.ts";
import { randomSecret } from "./random-id.ts";
import { Refusal } from "./refusal.ts";

export interface TriggerTarget {
  readonly clusterId: ClusterId;
  readonly trigger: string;
}

/** As an operator declares it; the rest is the control plane's. */
export type DeclaredTrigger = Omit<Trigger, "name" | "log" | "since">;

/** Replaces a trigger, or adds it; where its group has no data set of kind state for what was sent, one is declared with it. */
export function triggerChange(dependencies: Dependencies, name: string, declared: DeclaredTrigger): DocumentChange {
  return async (document) => {
    refuseNever(declared.source, dependencies.nowMs());
    const { triggers = [], dataSets } = document;
    const before = triggers.find((one) => one.name === name);
    if (before === undefined && triggers.length >= limits.triggersPerClusterMax) {
      const message = `the cluster already has ${limits.triggersPerClusterMax} triggers, the most that it may have`;
      throw new Refusal("invalid-request", message, "Give one of those that are there a further action, or remove one.");
    }
    const log = before?.group === declared.group ? before.log : `triggers-${declared.group}`.slice(0, limits.nameLengthMax);
    const trigger: Trigger = { ...declared, name, log, since: sinceOf(before, declared, dependencies.nowMs()) };
    const kept = { ...trigger, source: withToken(declared.source, before?.source) };
    return {
      configures: true,
      triggers: before === undefined ? [...triggers, kept] : triggers.map((old) => (old === before ? kept : old)),
      ...(dataSets.some((dataSet) => dataSet.name === log) ? {} : { dataSets: [...dataSets, logFor(document, kept)] }),
    };
  };
}

/** Removes a trigger. What it has sent stays in the log for as long as was said. Nothing to do where it is not there. */
export function triggerRemoval(name: string): DocumentChange {
  return async ({ triggers = [] }) => {
    const rest = triggers.filter((one) => one.name !== name);
    return rest.length === triggers.length ? null : { triggers: rest };
  };
}

/** A new token for a trigger that a request sets off; the one before is good for nothing from then on. It is told here and kept nowhere. */
export async function createTriggerToken(dependencies: Dependencies, { clusterId, trigger: name }: TriggerTarget) {
  const token = randomSecret();
  await changeDocument(dependencies, clusterId, async ({ triggers = [] }) => {
    const trigger = triggers.find((one) => one.name === name);
    if (trigger?.source.kind !== "webhook") {
      const message =
        trigger === undefined ? `the cluster has no trigger ${name}` : `trigger ${name} is not set off by a request, so it has no token`;
      throw new Refusal("not-found", message, "Declare it with a source of kind webhook first.");
    }
    const changed: Trigger = { ...trigger, source: { kind: "webhook", tokenSha256: secretHash(token) } };
    return { triggers: triggers.map((one) => (one === trigger ? changed : one)) };
  });
  return { token, path: `/triggers/${name}` };
}

function withToken(source: TriggerSource, before: TriggerSource | undefined): TriggerSource {
  return source.kind === "webhook" && before?.kind === "webhook" ? before : source;
}

/** What another schedule would have said of the past does not count. */
function sinceOf(before: Trigger | undefined, { source, group }: DeclaredTrigger, nowMs: number): string {
  const isSame = before?.group === group && JSON.stringify(before.source) === JSON.stringify(source);
  return isSame ? before.since : new Date(nowMs).toISOString();
}

function logFor({ dataSets }: ClusterDocument, { log, group }: Trigger): OwnedDataSet {
  if (dataSets.length < limits.dataSetsPerClusterMax) return { kind: "state", name: log, group, local: [] };
  const message = `what was sent needs a data set of its own, and the cluster already has ${limits.dataSetsPerClusterMax}, the most that it may have`;
  throw new Refusal("invalid-request", message, "Bind the trigger to a group that has triggers already.");
}

/** A schedule as 31 February is a mistake that nobody would ever notice. */
function refuseNever(source: TriggerSource, nowMs: number): void {
  if (source.kind !== "schedule") return;
  if (new Cron(source.cron, { timezone: source.zone, paused: true }).nextRun(new Date(nowMs)) !== null) return;
  throw new Refusal("invalid-request", `the schedule ${source.cron} never comes`, "Correct its day, month or weekday.");
}
