import type { GroupName, NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { MonotonicUs } from "../time.ts";
import type { PeerMessage } from "./messages.ts";

/** What the core wants done. The edge carries effects out in order, and says nothing back except by events. */
export type Effect =
  | { readonly type: "send"; readonly to: NodeId; readonly message: PeerMessage }
  /** The peer acts on an older cluster document: send it the newest signed one. */
  | { readonly type: "send-document"; readonly to: NodeId }
  /** Answered by `resources-started` or `resources-failed`. */
  | { readonly type: "start-resources"; readonly group: GroupName; readonly epoch: number }
  /**
   * Answered by `resources-stopped`. `deadlineUs`: the instant on this node's clock at which its lease ends; what has not
   * stopped gently by then is killed before it.
   */
  | {
      readonly type: "stop-resources";
      readonly group: GroupName;
      readonly epoch: number;
      readonly deadlineUs: MonotonicUs;
      readonly reason: string;
    }
  | { readonly type: "report"; readonly detail: EventDetail }
  | { readonly type: "wake-at"; readonly atUs: MonotonicUs }
  /** After `shutdown`: nothing is held any more, the process may end. */
  | { readonly type: "released-everything" };
