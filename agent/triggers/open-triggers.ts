import type { Logger } from "pino";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { Trigger } from "../../shared/domain/triggers/trigger.ts";
import type { TriggerRun } from "../../shared/domain/triggers/trigger-run.ts";
import type { GroupStandings } from "../answers/group-standing.ts";
import type { EnrolledNode } from "../cloud/enrolled-node.ts";
import type { EventRecorder } from "../cloud/event-recorder.ts";
import type { Outbox } from "../cloud/outbox.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { MainThread } from "../node/main-thread.ts";
import type { Replication } from "../replication/replication.ts";
import { actionProblem } from "./actions/perform-action.ts";
import { readSent } from "./read-sent.ts";
import { openTriggerEndpoint } from "./trigger-endpoint.ts";
import { TriggerRunner } from "./trigger-runner.ts";
import type { TriggerLine, TriggersAnswer, TriggersRequest } from "./triggers-request.ts";

export interface TriggersOptions {
  readonly settings: AgentSettings;
  readonly enrolled: EnrolledNode;
  readonly dataDir: string;
  readonly trust: TrustStore;
  readonly standings: GroupStandings;
  readonly recorder: EventRecorder;
  readonly outbox: Outbox;
  readonly main: Pick<MainThread, "view" | "record" | "nameOf">;
  readonly replication: Pick<Replication, "records" | "barrier">;
  readonly log: Logger;
}

export interface Triggers {
  readonly problems: () => readonly string[];
  /** For the report to the cloud. */
  readonly recentRuns: () => readonly TriggerRun[];
  /** Rejects with the cause. */
  readonly ask: (request: TriggersRequest) => Promise<TriggersAnswer>;
  close(): Promise<void>;
}

/** Everything about triggers on the main thread. Throws `AgentError` as `openTriggerEndpoint` does. */
export async function openTriggers(options: TriggersOptions): Promise<Triggers> {
  const { settings, enrolled, dataDir, trust, standings, recorder, outbox, main, replication, log } = options;
  const { nodeId, clusterId } = enrolled;
  const runner = new TriggerRunner({
    nodeId,
    clusterId,
    settings: settings.triggers,
    ownHost: settings.listen.host,
    dataDir,
    nameOf: (node) => main.nameOf(node),
    document: () => trust.current.document,
    standings,
    replication,
    record: (detail) => main.record(detail),
    isWaiting: (eventId) => outbox.has(eventId),
    log,
  });
  recorder.onEvent((event) => runner.eventTold(event));
  const holderOf = (group: GroupName): string | null => {
    const holder = main.view.groups.find((told) => told.group === group)?.holder ?? null;
    return holder === null ? null : main.nameOf(holder);
  };
  const { webhooks } = settings.triggers;
  const endpoint =
    webhooks === undefined
      ? null
      : await openTriggerEndpoint({
          host: settings.listen.host,
          settings: webhooks,
          runner,
          holderOf,
          log,
          nowMs: () => performance.now(),
        });

  const lineOf = ({ name, group, source, actions }: Trigger): TriggerLine => ({
    name,
    group,
    holderName: holderOf(group),
    source,
    actions: actions.map((action) => ({ name: action.name, kind: action.kind, problem: actionProblem(action, settings.triggers) })),
  });
  const named = (name: string): Trigger => {
    const trigger = runner.triggers.find((one) => one.name === name);
    if (trigger === undefined) throw new Error(`the cluster document has no trigger ${name}`);
    return trigger;
  };
  // Also of triggers that are gone: what they have sent stays.
  const logs = () =>
    trust.current.document.dataSets.flatMap((one) =>
      one.kind === "state" && isLog(one.name, runner.triggers) ? [runner.logOf(one.name, one.group)] : [],
    );
  return {
    problems: () => runner.problems,
    recentRuns: () => runner.recentRuns,
    ask: async (request) => {
      switch (request.kind) {
        case "list":
          return { kind: "list", triggers: runner.triggers.map(lineOf) };
        case "log": {
          const { limit, trigger = null, before } = request;
          return {
            kind: "log",
            sent: await readSent(logs(), { limit, trigger, beforeMs: before === undefined ? null : Date.parse(before) }),
          };
        }
        case "examine":
          return { kind: "examine", trigger: lineOf(named(request.trigger)) };
        case "run": {
          const { id, attempt } = await runner.setOff(named(request.trigger), JSON.stringify({ by: "an operator" }), null);
          return { kind: "run", occurrence: id, isReplicated: attempt !== "known" && attempt.isReplicated };
        }
      }
    },
    close: async () => {
      await endpoint?.close();
      await runner.close();
    },
  };
}

/** The control plane gives logs such names. */
function isLog(name: string, triggers: readonly Trigger[]): boolean {
  return name.startsWith("triggers-") || triggers.some(({ log }) => log === name);
}
