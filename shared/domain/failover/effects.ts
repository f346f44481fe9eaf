import type { GroupName, NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { MonotonicUs } from "../time.ts";
import type { Detached, DurableRecord } from "./durable-record.ts";
import type { PeerMessage } from "./messages.ts";

/** What the core wants done. The edge carries effects out in order, and says nothing back except by events. */
export type Effect =
  | { readonly type: "send"; readonly to: NodeId; readonly message: PeerMessage }
  /** The peer acts on an older cluster document: send it the newest signed one. */
  | { readonly type: "send-document"; readonly to: NodeId }
  /** Answered by `resources-started` or `resources-failed`. */
  | { readonly type: "start-resources"; readonly group: GroupName; readonly epoch: number }
  /**
   * The right to run the group's resources lasts until this instant on this node's clock; said again with every lease that
   * is won or renewed. Whatever outlives a hung agent (guardian, kernel timer) must end what still runs then.
   */
  | { readonly type: "hold-until"; readonly group: GroupName; readonly epoch: number; readonly untilUs: MonotonicUs }
  /**
   * Answered by `resources-stopped`. `deadlineUs`: the instant on this node's clock at which its lease ends; what has not
   * stopped gently by then is killed before it. Said again with an earlier deadline where a planned stop loses its lease.
   */
  | {
      readonly type: "stop-resources";
      readonly group: GroupName;
      readonly epoch: number;
      readonly deadlineUs: MonotonicUs;
      readonly reason: string;
    }
  /**
   * The group's resources are down: see what they wrote last, and send it to the other nodes. Answered by `looked`, once that has
   * succeeded for every data set; never before, and not at all where it does not.
   */
  | { readonly type: "look"; readonly group: GroupName; readonly lookId: number }
  /**
   * The other one of two nodes is not heard: see whether anybody answers for the addresses of these groups on the LAN, and whether a gateway
   * answers. Answered by `probed` with the same instant, within a few heartbeats; an answer that never comes only makes this node wait.
   */
  | { readonly type: "probe"; readonly askedAtUs: MonotonicUs; readonly groups: readonly GroupName[] }
  | { readonly type: "report"; readonly detail: EventDetail }
  /**
   * Write to disk what must survive (durable-record.ts), and answer with `persisted` once it has. Carried out by another
   * thread: the core asks well before it needs it, and waits for nothing. The newest record replaces all before it.
   */
  | { readonly type: "persist"; readonly record: DurableRecord }
  /** After `detach`: nothing more is promised, asked or renewed; the process may end once this is on disk and the guardian knows. */
  | { readonly type: "detached"; readonly detached: Detached }
  | { readonly type: "wake-at"; readonly atUs: MonotonicUs }
  /** After `shutdown`: nothing is held any more, the process may end. */
  | { readonly type: "released-everything" };
