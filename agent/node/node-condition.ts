import { limits } from "../../shared/config/limits.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { boundedReason, reasonBytesMax } from "./bounded-reason.ts";
import type { ReportedStatus } from "./loop-messages.ts";

interface Failure {
  readonly group: GroupName;
  readonly reason: string;
  readonly untilMs: number;
}

/** What may keep this node from holding a group: settings that are missing, services that failed a while ago, checks that fail. */
export class NodeCondition {
  readonly #settings: AgentSettings;
  readonly #nowMs: () => number;
  readonly #otherProblems: (group: GroupName) => readonly string[];
  readonly #failures = new Map<string, Failure>();
  #dataSets: readonly DataSetStatus[] = [];
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

  dataSetsChanged(dataSets: readonly DataSetStatus[]): void {
    this.#dataSets = dataSets;
  }

  guardianChanged(isThere: boolean): void {
    this.#hasGuardian = isThere;
  }

  /** The node is not asked to run this service again for as long as its settings say. Returns that time, in milliseconds. */
  serviceFailed(group: GroupName, service: string, reason: string): number {
    const retryAfterMs = this.#settings.services[service]?.retryAfterMs ?? 0;
    this.#failures.set(service, { group, reason, untilMs: this.#nowMs() + retryAfterMs });
    return retryAfterMs;
  }

  /** As short as heartbeats need it. */
  status(document: ClusterDocument): ReportedStatus {
    const problemBytesMax = reasonBytesMax(document.groups.length, limits.groupsPerClusterMax);
    const groupProblems: Record<GroupName, string> = {};
    for (const group of document.groups) {
      const guardian = this.#hasGuardian ? [] : ["the guardian, which runs the services, is starting"];
      const services = group.resources.flatMap((resource) => (resource.kind === "service" ? (this.#problemOf(resource.name) ?? []) : []));
      const problems = [...guardian, ...services, ...this.#otherProblems(group.name)];
      if (problems.length > 0) groupProblems[group.name] = boundedReason(problems.join("; "), problemBytesMax);
    }
    const dataSetBytesMax = reasonBytesMax(document.dataSets.length, limits.dataSetsPerClusterMax);
    const dataSets = this.#dataSets.map((dataSet) =>
      dataSet.problem === undefined ? dataSet : { ...dataSet, problem: boundedReason(dataSet.problem, dataSetBytesMax) },
    );
    return { dataSets, groupProblems };
  }

  #problemOf(service: string): string | null {
    if (this.#settings.services[service] === undefined)
      return `the settings of this node have no service ${service}: add services.${service} to them`;
    const failure = this.#failures.get(service);
    if (failure === undefined || failure.untilMs <= this.#nowMs()) return null;
    return `service ${service} failed here: ${failure.reason}`;
  }
}
