import type { NodeStatus } from "../../shared/domain/failover/messages.ts";
import type { Host } from "./host.ts";

/** What the rest of the agent would tell the core. */
export function statusOf({ beside, data, problems, resources }: Host, hasData: boolean): NodeStatus {
  const problem = "the guardian, which runs the resources, is starting";
  const groupProblems = beside.isDead ? [...resources.keys()].map((group) => [group, problem] as const) : problems;
  return { threadAgesMs: {}, dataSets: hasData ? data.status : [], groupProblems: Object.fromEntries(groupProblems) };
}
