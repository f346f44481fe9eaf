import { replicatedIn } from "../replication/data-set-rules.ts";
import type { ClusterEvent, EventKind } from "./cluster-event.ts";
import { clusterProblems, type Problem } from "./cluster-problems.ts";
import { type GroupStatus, groupStatus } from "./group-status.ts";
import { type MemberStatus, type NodeStatus, nodeStatus, witnessStatus } from "./node-status.ts";
import type { Observation } from "./observation.ts";
import { type RingLink, ringStatus } from "./ring-status.ts";

/**
 * - `down`: a group has no operational node, so a service is not running.
 * - `degraded`: everything runs, but something that should protect it is missing.
 * - `unknown`: nobody at the site can be asked. The site may well be working: a failover needs no cloud.
 * - `empty`: no node has joined yet.
 * - `ok`: every group runs and has a standby, and all data are in step.
 */
export type Health = "down" | "degraded" | "unknown" | "empty" | "ok";

export interface ClusterStatus {
  readonly health: Health;
  /** One sentence for people: the worst problem, or that all is well. */
  readonly reason: string;
  /** Since when this health holds, ISO 8601 UTC; null where nobody knows. */
  readonly since: string | null;
  /** Worst first. */
  readonly problems: readonly Problem[];
  readonly nodes: readonly NodeStatus[];
  readonly witness: MemberStatus | null;
  readonly groups: readonly GroupStatus[];
  readonly ring: readonly RingLink[];
}

/** Worst first: the order in which a person should look. */
export const healthsByUrgency: readonly Health[] = ["down", "degraded", "unknown", "empty", "ok"];

export function clusterStatus(observation: Observation): ClusterStatus {
  const { document } = observation;
  const nodes = document.nodes.map((node) => nodeStatus(observation, node));
  const groups = document.groups.map((group) => groupStatus(observation, group, nodes));
  const ring = ringStatus(nodes, replicatedIn(document).length);
  const parts = { nodes, witness: witnessStatus(observation), groups, ring };
  if (nodes.length === 0) {
    return { health: "empty", reason: "no node has joined yet", since: document.issuedAt, problems: [], ...parts };
  }
  const problems = clusterProblems(observation, parts);
  const worst = problems[0];
  if (worst === undefined) return { health: "ok", reason: wellSentence(parts), since: wellSince(observation), problems, ...parts };
  return {
    health: worst.health,
    reason: worst.text,
    since: earliest(problems.filter((each) => each.health === worst.health)),
    problems,
    ...parts,
  };
}

function wellSentence({ nodes, ring }: { readonly nodes: readonly NodeStatus[]; readonly ring: readonly RingLink[] }): string {
  const data = ring.length === 0 ? "" : ", data in step";
  return `all ${nodes.length} nodes up, every group has an operational node and a standby${data}`;
}

/** Kinds with which a trouble begins or ends. */
const turningPoints: ReadonlySet<EventKind> = new Set<EventKind>([
  "node.joined",
  "node.removed",
  "node.silent",
  "node.returned",
  "group.takeover",
  "group.handover",
  "group.stepped-down",
  "group.safe-halt",
  "group.nobody-fit",
  "group.fit-again",
  "quorum.degraded",
  "quorum.restored",
  "service.failed",
  "check.failed",
  "check.recovered",
  "address.failed",
  "address.conflict",
  "replication.snapshot-finished",
  "replication.log-filling",
  "replication.resync-finished",
  "replication.resync-failed",
  "replication.bypass",
  "replication.failback",
  "replication.no-peer",
  "replication.caught-up",
  "replication.refused",
]);

/** All is well since the last thing that was not, or its end. */
function wellSince(observation: Observation): string | null {
  const last = observation.events.find((event: ClusterEvent) => turningPoints.has(event.detail.kind));
  return last?.at ?? (observation.events.length === 0 ? observation.document.issuedAt : null);
}

/** ISO 8601 UTC sorts as text. Null where one of the problems has no known beginning: it may be older than the others. */
function earliest(problems: readonly Problem[]): string | null {
  if (problems.some((problem) => problem.since === null)) return null;
  return problems.map((problem) => problem.since ?? "").toSorted()[0] ?? null;
}
