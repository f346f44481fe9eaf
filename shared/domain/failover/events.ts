import type { GroupName, NodeId, PathName } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { AddressLook } from "../monitoring/takeover-course.ts";
import type { MonotonicUs } from "../time.ts";
import type { DurableRecord } from "./durable-record.ts";
import type { GatewayAnswer } from "./lookout.ts";
import type { NodeStatus, PeerMessage } from "./messages.ts";

/** Everything that can reach the core. Time is not among them: `step` is told the instant of every event. */
export type NodeEvent =
  /** The instant that the last `wake-at` asked for has come (or any other: a tick too many is harmless). */
  | { readonly type: "tick" }
  | { readonly type: "message"; readonly message: PeerMessage; readonly path: PathName }
  /** Another copy of a message that has come by another path: it only tells that this path lives. */
  | ({ readonly type: "copy"; readonly path: PathName } & Pick<PeerMessage, "from" | "incarnation" | "sequence">)
  /** The connection with this peer on this path closed: its process may have died. Speeds detection up; ends no lease. */
  | { readonly type: "connection-closed"; readonly peer: NodeId; readonly path: PathName }
  /**
   * The machine was put back in time, as its own signs tell: a changed VM generation id, wall clock and monotonic clock parting,
   * an unknown boot id (rule 9). Peers are the other source; until one of the two speaks, the node may promise twice.
   */
  | { readonly type: "rewound" }
  /** A verified cluster document, from the cloud or from a peer. `votersSinceVersion`: where more is known of its voters than the core has seen itself (voters-since.ts). */
  | { readonly type: "document"; readonly document: ClusterDocument; readonly votersSinceVersion?: number }
  | { readonly type: "status"; readonly status: NodeStatus }
  /** The answer to `look`, by its number: this status holds everything that the group's resources wrote before it was asked. */
  | { readonly type: "looked"; readonly group: GroupName; readonly lookId: number; readonly status: NodeStatus }
  /** `addresses`: what was seen of the group's virtual addresses while they were set here. */
  | {
      readonly type: "resources-started";
      readonly group: GroupName;
      readonly epoch: number;
      readonly addresses: readonly AddressLook[];
    }
  | { readonly type: "resources-failed"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  | { readonly type: "resources-stopped"; readonly group: GroupName; readonly epoch: number }
  /** Hand the group over; `to` null means to the best eligible node. */
  | { readonly type: "switchover"; readonly group: GroupName; readonly to: NodeId | null; readonly reason: string }
  /** An operator has mended this node: whatever it was in quarantine for is forgotten. */
  | { readonly type: "readmit" }
  /** The answer to `probe`, by the instant at which it was asked: the groups for one of whose addresses somebody answers, and what the gateways do. */
  | { readonly type: "probed"; readonly askedAtUs: MonotonicUs; readonly answered: readonly GroupName[]; readonly gateway: GatewayAnswer }
  /** The other one of two nodes is down, an operator says, and answers for it: this one shall go on alone. `reason`: the operator's. */
  | { readonly type: "takeover"; readonly group: GroupName; readonly reason: string }
  /** This record is on disk, as `persist` asked. */
  | { readonly type: "persisted"; readonly record: DurableRecord }
  /** The agent is to be started anew while its resources run on. Answered by `detached`, or reported as refused. */
  | { readonly type: "detach" }
  /** The agent is asked to end: every group is handed over or released first. */
  | { readonly type: "shutdown"; readonly reason: string };
