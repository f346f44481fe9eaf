import { limits } from "../../shared/config/limits.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../shared/domain/replication/ring-report.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { GuardedResource } from "../resources/resource.ts";
import { boundedReason, reasonBytesMax } from "./bounded-reason.ts";
import { guardedResources } from "./guarded-resources.ts";
import type { ReportedStatus } from "./loop-messages.ts";

interface Failure {
  readonly reason: string;
  readonly untilMs: number;
}

/** An address that failed here is not asked for again for this long: what it takes to put a cable back in. */
const addressRetryAfterMs = 30_000;

/** What may keep this node from holding a group: settings that are missing, resources that failed a while ago, checks that fail. */
export class NodeCondition {
  readonly #settings: AgentSettings;
  readonly #nowMs: () => number;
  readonly #otherProblems: (group: GroupName) => readonly string[];
  readonly #failures = new Map<string, Failure>();
  #dataSets: readonly DataSetStatus[] = [];
  #ring: RingReport | null = null;
  #hasGuardian = false;

  /** `otherProblems`: what other parts of the agent hold against a group here. */
  constructor(settings: AgentSettings, nowMs: () => number, otherProblems: (group: GroupName) => readonly string[]) {
    this.#settings = settings;
    this.#nowMs = nowMs;
    this.#otherProblems = otherProblems;
  }

  get dataSets(): readonly DataSetStatus[] {
    return this.#dataSets;
  }

  /** Null: replication has not looked yet, or there is none. */
  get ring(): RingReport | null {
    return this.#ring;
  }

  dataSetsChanged(dataSets: readonly DataSetStatus[], ring: RingReport | null): void {
    this.#dataSets = dataSets;
    this.#ring = ring;
  }

  guardianChanged(isThere: boolean): void {
    this.#hasGuardian = isThere;
  }

  /** The node is not asked to run it again for a while: for a service as long as its settings say. Returns that time, in milliseconds. */
  resourceFailed({ kind, name }: GuardedResource, reason: string): number {
    const retryAfterMs = kind === "service" ? (this.#settings.services[name]?.retryAfterMs ?? 0) : addressRetryAfterMs;
    this.#failures.set(`${kind} ${name}`, { reason, untilMs: this.#nowMs() + retryAfterMs });
    return retryAfterMs;
  }

  /** As short as heartbeats need it. */
  status(document: ClusterDocument): ReportedStatus {
    const problemBytesMax = reasonBytesMax(document.groups.length, limits.groupsPerClusterMax);
    const groupProblems: Record<GroupName, string> = {};
    for (const group of document.groups) {
      const guardian = this.#hasGuardian ? [] : ["the guardian, which runs the resources, is starting"];
      const resources = guardedResources(document, group.name).flatMap((resource) => this.#problemOf(resource) ?? []);
      const problems = [...guardian, ...resources, ...this.#otherProblems(group.name)];
      if (problems.length > 0) groupProblems[group.name] = boundedReason(problems.join("; "), problemBytesMax);
    }
    const dataSetBytesMax = reasonBytesMax(document.dataSets.length, limits.dataSetsPerClusterMax);
    const dataSets = this.#dataSets.map((dataSet) =>
      dataSet.problem === undefined ? dataSet : { ...dataSet, problem: boundedReason(dataSet.problem, dataSetBytesMax) },
    );
    return { dataSets, groupProblems };
  }

  #problemOf({ kind, name }: GuardedResource): string | null {
    if (kind === "service" && this.#settings.services[name] === undefined)
      return `the settings of this node have no service ${name}: add services.${name} to them`;
    const failure = this.#failures.get(`${kind} ${name}`);
    if (failure === undefined || failure.untilMs <= this.#nowMs()) return null;
    return `${kind} ${name} failed here: ${failure.reason}`;
  }
}
