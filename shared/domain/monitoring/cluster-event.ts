import type { ClusterId, EventId, GroupName, NodeId, PathName } from "../ids.ts";
import { type CertificateEventDetail, certificateSeverity } from "./certificate-event.ts";
import { type ControlPlaneEventDetail, controlPlaneSeverity } from "./control-plane-event.ts";
import { type DnsEventDetail, dnsSeverity } from "./dns-event.ts";
import { type LicenceEventDetail, licenceSeverity } from "./licence-event.ts";
import { type ReplicationEventDetail, replicationSeverity } from "./replication-event.ts";
import type { TakeoverCourse } from "./takeover-course.ts";
import { type TriggerEventDetail, triggerSeverity } from "./trigger-event.ts";

export type Severity = "info" | "warning" | "critical";

/**
 * One thing that happened at a customer's site, as the agents report it, or of which the control plane itself knows (`reporter`: `controlPlaneId`). The id is the same whoever reports it
 * and however often (`<cluster>/<group>/<epoch>/<kind>` where several nodes tell of one thing, or reporter, incarnation and number),
 * so that every hop may repeat it. `at` is the reporter's wall clock, ISO 8601 UTC with milliseconds.
 */
export interface ClusterEvent {
  readonly eventId: EventId;
  readonly clusterId: ClusterId;
  readonly reporter: NodeId;
  readonly at: string;
  readonly severity: Severity;
  readonly detail: EventDetail;
}

/** A closed union on `kind`; `describe-event.ts` has one sentence for each. Times in milliseconds. */
export type EventDetail =
  | { readonly kind: "agent.started"; readonly incarnation: number; readonly agentVersion: string }
  | { readonly kind: "agent.stopping"; readonly reason: string }
  /** The agent leaves its resources running, to be started anew; it is back before `backWithinMs`, or another node takes over. */
  | { readonly kind: "agent.detached"; readonly agentVersion: string; readonly backWithinMs: number }
  | { readonly kind: "agent.detach-refused"; readonly reason: string }
  | { readonly kind: "agent.readopted"; readonly incarnation: number; readonly agentVersion: string; readonly awayMs: number }
  | { readonly kind: "node.joined"; readonly node: NodeId }
  | { readonly kind: "node.removed"; readonly node: NodeId }
  | {
      readonly kind: "node.silent";
      readonly node: NodeId;
      readonly silentMs: number;
      readonly cause: "heartbeats-missed" | "connection-closed";
    }
  /** One of several paths to a node that is heard on another: nothing moves for it, and one more loss might. `path`: its name in the cluster document. */
  | { readonly kind: "path.silent"; readonly node: NodeId; readonly path: PathName; readonly silentMs: number }
  | { readonly kind: "path.heard"; readonly node: NodeId; readonly path: PathName; readonly silentMs: number }
  | { readonly kind: "node.returned"; readonly node: NodeId; readonly awayMs: number }
  | {
      readonly kind: "group.takeover";
      readonly group: GroupName;
      readonly epoch: number;
      readonly from: NodeId | null;
      readonly silentMs: number | null;
      /** Why the old holder, or its guardian, gave the lease back; null where it had to run out. */
      readonly released: string | null;
      readonly votes: number;
      readonly voters: number;
      /** Votes counted to resources up. */
      readonly startedInMs: number;
      /** Changes that the old holder had announced and this node had not applied: data at risk until it returns. */
      readonly behind: number;
      /** Missing in what earlier agents have told. */
      readonly course?: TakeoverCourse;
    }
  | {
      readonly kind: "group.handover";
      readonly group: GroupName;
      readonly epoch: number;
      readonly from: NodeId;
      readonly reason: string;
      readonly votes: number;
      readonly voters: number;
      readonly startedInMs: number;
    }
  | { readonly kind: "group.stepped-down"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  /** `epoch`: the highest known, so that all who see this halt mean the same one. */
  | { readonly kind: "group.safe-halt"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  /** The group runs on a node that is not fit for it, since no other one is either; and the end of that. */
  | { readonly kind: "group.nobody-fit"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  | { readonly kind: "group.fit-again"; readonly group: GroupName; readonly epoch: number; readonly unfitMs: number }
  | { readonly kind: "group.switchover-refused"; readonly group: GroupName; readonly reason: string }
  /** The reporter goes on alone, since the other node is down: an operator says so, or nobody answers for the group's addresses (`probe`). `silentMs` null: not heard since the reporter's start. */
  | {
      readonly kind: "group.claimed";
      readonly group: GroupName;
      readonly epoch: number;
      readonly from: NodeId | null;
      readonly silentMs: number | null;
      readonly by: "operator" | "probe";
      readonly reason: string;
    }
  | { readonly kind: "group.takeover-refused"; readonly group: GroupName; readonly reason: string }
  /** Peers have seen a later incarnation or sequence of the reporter than it has itself: it was restored from an older state. */
  | { readonly kind: "node.rewound"; readonly incarnation: number; readonly seenIncarnation: number }
  /** A second agent with the identity of a live node has been turned away: the machine's disk was copied. `address`: where it connects from; `run`: which of its starts. */
  | { readonly kind: "node.cloned"; readonly node: NodeId; readonly address: string; readonly run: string }
  /** The group keeps moving from node to node; failback waits for so long, or until an operator moves it. */
  | {
      readonly kind: "group.flapping";
      readonly group: GroupName;
      readonly epoch: number;
      readonly moves: number;
      readonly withinMs: number;
      readonly frozenForMs: number;
    }
  | { readonly kind: "group.settled"; readonly group: GroupName; readonly epoch: number }
  /** The reporter may take no group for so long, as long as another node can: it has left without a word too often. */
  | { readonly kind: "node.quarantined"; readonly leaves: number; readonly withinMs: number; readonly forMs: number }
  | { readonly kind: "node.quarantine-over" }
  /** An operator works on the reporter: it takes no group, and gives away what it holds where another node can take it. */
  | { readonly kind: "node.maintenance-begun"; readonly reason: string }
  | { readonly kind: "node.maintenance-over"; readonly lastedMs: number }
  /** An exercise on the reporter: its group was made to move, and all was well again. `silence`: of the address that was silent for longest; null where it has none. */
  | {
      readonly kind: "drill.completed";
      readonly group: GroupName;
      readonly way: "health" | "switchover";
      readonly to: NodeId;
      readonly silence: { readonly atLeastMs: number; readonly atMostMs: number } | null;
    }
  | { readonly kind: "drill.failed"; readonly group: GroupName; readonly way: "health" | "switchover"; readonly reason: string }
  | { readonly kind: "quorum.degraded"; readonly reachable: number; readonly voters: number }
  | { readonly kind: "quorum.restored"; readonly reachable: number; readonly voters: number }
  | { readonly kind: "service.failed"; readonly group: GroupName; readonly service: string; readonly reason: string }
  /** It died, and was started anew where it was: its group does not swap on a reset. */
  | { readonly kind: "service.restarted"; readonly group: GroupName; readonly service: string; readonly reason: string }
  | { readonly kind: "check.failed"; readonly group: GroupName; readonly check: string; readonly reason: string }
  /** `failedMs`: from the first bad look to the good one that ended it. */
  | { readonly kind: "check.recovered"; readonly group: GroupName; readonly check: string; readonly failedMs: number }
  /** A database that all nodes use does not answer here. */
  | { readonly kind: "shared-data.failed"; readonly dataSet: string; readonly reason: string }
  | { readonly kind: "shared-data.recovered"; readonly dataSet: string; readonly failedMs: number }
  | { readonly kind: "service.left-behind"; readonly service: string; readonly reason: string }
  | {
      readonly kind: "address.failed";
      readonly group: GroupName;
      readonly name: string;
      readonly address: string;
      readonly reason: string;
    }
  /** Somebody answers for the address at this hardware address although the reporter alone may hold it; the reporter has claimed it. */
  | {
      readonly kind: "address.conflict";
      readonly group: GroupName;
      readonly name: string;
      readonly address: string;
      readonly mac: string;
    }
  | { readonly kind: "address.left-behind"; readonly name: string; readonly reason: string }
  | { readonly kind: "loop.late"; readonly lateMs: number }
  | { readonly kind: "outbox.overflow"; readonly dropped: number }
  | { readonly kind: "document.refused"; readonly reason: string }
  /** Told by an agent at its first start: it has joined although these checks of its server had failed, at an operator's word. */
  | { readonly kind: "preflight.overridden"; readonly checks: readonly string[] }
  | ReplicationEventDetail
  | DnsEventDetail
  | LicenceEventDetail
  | CertificateEventDetail
  | ControlPlaneEventDetail
  | TriggerEventDetail;

export type EventKind = EventDetail["kind"];

/** What each kind weighs; alerts go out for the kinds in `alerting-events.ts`. */
export const severityOf: Readonly<Record<EventKind, Severity>> = {
  "agent.started": "info",
  "agent.stopping": "info",
  "agent.detached": "info",
  "agent.detach-refused": "warning",
  "agent.readopted": "info",
  "node.joined": "info",
  "node.removed": "info",
  "node.silent": "warning",
  "path.silent": "warning",
  "path.heard": "info",
  "node.returned": "info",
  "group.takeover": "critical",
  "group.handover": "info",
  "group.stepped-down": "warning",
  "group.safe-halt": "critical",
  "group.nobody-fit": "critical",
  "group.fit-again": "info",
  "group.switchover-refused": "warning",
  "group.claimed": "critical",
  "group.takeover-refused": "warning",
  "node.rewound": "warning",
  "node.cloned": "critical",
  "group.flapping": "critical",
  "group.settled": "info",
  "node.quarantined": "warning",
  "node.quarantine-over": "info",
  "node.maintenance-begun": "info",
  "node.maintenance-over": "info",
  "drill.completed": "info",
  "drill.failed": "warning",
  "quorum.degraded": "warning",
  "quorum.restored": "info",
  "service.failed": "critical",
  "service.restarted": "warning",
  "check.failed": "warning",
  "check.recovered": "info",
  "shared-data.failed": "warning",
  "shared-data.recovered": "info",
  "service.left-behind": "warning",
  "address.failed": "critical",
  "address.conflict": "critical",
  "address.left-behind": "warning",
  "loop.late": "warning",
  "outbox.overflow": "warning",
  "document.refused": "warning",
  "preflight.overridden": "warning",
  ...replicationSeverity,
  ...dnsSeverity,
  ...licenceSeverity,
  ...certificateSeverity,
  ...controlPlaneSeverity,
  ...triggerSeverity,
};
