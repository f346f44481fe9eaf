import type { CleanStop, Detached, DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import type { NodeStatus } from "../../shared/domain/failover/messages.ts";
import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { SwitchoverOutlook } from "../../shared/domain/failover/switchover-outlook.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AddressSighting } from "../../shared/domain/monitoring/takeover-course.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import type { CloudAnswer, CloudQuestion } from "../../shared/domain/witness/cloud-votes.ts";
import type { DocumentInForce } from "../cloud/trust-store.ts";
import type { NodeIdentity } from "../link/identity.ts";
import type { Sighting } from "../resources/lan-lookout.ts";
import type { GuardedResource } from "../resources/resource.ts";
import type { SeenGaps } from "./heartbeat-gaps.ts";
import type { Seen } from "./silence-watch.ts";

/** What the control loop's thread is given at its start. It reads no file, ever. */
export interface LoopSettings {
  readonly nodeId: NodeId;
  readonly record: DurableRecord;
  readonly cleanStop: CleanStop | null;
  /** What the last agent has left running, for this one to go on with. */
  readonly detached: Detached | null;
  /** In the order of their use (link/own-certificates.ts). */
  readonly identities: readonly NodeIdentity[];
  readonly trusted: DocumentInForce;
  readonly listen: { readonly paths: readonly LanPath[]; readonly port: number };
  readonly guardianSocket: string;
  readonly guardianSecret: string;
  /** How long each service of this node's settings may take to start. */
  readonly startTimeoutsMs: Readonly<Record<string, number>>;
  /** Of the services that have a stop command. */
  readonly stopCommandTimeoutsMs: Readonly<Record<string, number>>;
  /** When each other thread last said that it lives (thread-beats.ts). */
  readonly beats: SharedArrayBuffer;
}

/** What the main thread knows of this node; the loop adds the age of the threads' beats. */
export type ReportedStatus = Omit<NodeStatus, "threadAgesMs">;

export type ToLoop =
  | { readonly type: "document"; readonly trusted: DocumentInForce }
  /** The node has changed its key, or is about to: these in place of the ones before. */
  | { readonly type: "identities"; readonly identities: readonly NodeIdentity[] }
  | { readonly type: "status"; readonly status: ReportedStatus }
  /** The answer to `look`: everything that was written before it has been seen. */
  | { readonly type: "looked"; readonly group: GroupName; readonly lookId: number; readonly status: ReportedStatus }
  /** The answer to `probe`. */
  | ({ readonly type: "probed"; readonly askedAtUs: MonotonicUs } & Sighting)
  /** The answers to `prepare`. `seen`: those of the group's addresses that fell silent before. */
  | { readonly type: "prepared"; readonly group: GroupName; readonly epoch: number; readonly seen: readonly Seen<AddressSighting>[] }
  | { readonly type: "not-prepared"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  /** The guardian has died, and nothing that it ran is left. */
  | { readonly type: "swept"; readonly reason: string }
  | { readonly type: "persisted"; readonly record: DurableRecord }
  /** The answer to `ask-cloud`; null: there was none. */
  | { readonly type: "cloud-answer"; readonly id: number; readonly answer: CloudAnswer | null }
  /** Whether another connection to the control plane is broken, as at the start, or not any more. */
  | { readonly type: "cloud-way"; readonly isDoubtful: boolean }
  | { readonly type: "switchover"; readonly group: GroupName; readonly to: NodeId; readonly reason: string }
  | { readonly type: "readmit" }
  | { readonly type: "takeover"; readonly group: GroupName; readonly reason: string }
  /** Answered by `outlook`. */
  | { readonly type: "outlook"; readonly group: GroupName }
  | { readonly type: "shutdown"; readonly reason: string }
  /** The agent is to be started anew while its resources run on. Answered by `detached`, or by a report that it was refused. */
  | { readonly type: "detach" }
  /** What it leaves is on disk: the guardian is told. Answered by `guardian-waits`. */
  | { readonly type: "leave"; readonly readoptByUs: MonotonicUs }
  | { readonly type: "close" };

export type FromLoop =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "start-refused"; readonly message: string; readonly nextStep: string }
  | { readonly type: "guardian-connected"; readonly pid: number }
  /** This node is about to become operational: the data first. */
  | { readonly type: "prepare"; readonly group: GroupName; readonly epoch: number }
  /** A service is down: what it wrote last shall be on its way to the other nodes at once. */
  | { readonly type: "look"; readonly group: GroupName; readonly lookId: number }
  /** The other one of two nodes is not heard: who answers for these groups' addresses, and does a gateway? */
  | { readonly type: "probe"; readonly askedAtUs: MonotonicUs; readonly groups: readonly GroupName[] }
  | { readonly type: "resource-failed"; readonly group: GroupName; readonly resource: GuardedResource; readonly reason: string }
  | { readonly type: "report"; readonly detail: EventDetail }
  | { readonly type: "offered-document"; readonly from: NodeId; readonly jws: string }
  | { readonly type: "outlook"; readonly outlook: SwitchoverOutlook }
  | { readonly type: "view"; readonly view: NodeView }
  | { readonly type: "gaps"; readonly seen: SeenGaps }
  /** Connections and messages that were turned away, and other things for the log. */
  | { readonly type: "log"; readonly text: string }
  | { readonly type: "persist"; readonly record: DurableRecord }
  /** A question to the control plane's vote. */
  | { readonly type: "ask-cloud"; readonly id: number; readonly question: CloudQuestion }
  | { readonly type: "detached"; readonly detached: Detached }
  | { readonly type: "guardian-waits" }
  /** Nothing is held any more; with the proof of it for the next start. */
  | { readonly type: "released-everything"; readonly cleanStop: CleanStop | null };
