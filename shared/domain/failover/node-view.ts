import type { GroupName, NodeId, PathName } from "../ids.ts";
import { suspectAfterUs } from "../membership/failure-detector.ts";
import { type MonotonicUs, msFromUs } from "../time.ts";
import { documentVersionInForce } from "./document-in-force.ts";
import type { GroupState } from "./messages.ts";
import type { NodeState } from "./node-state.ts";
import { groupStatesOf } from "./outbound.ts";
import { suspicionOf } from "./path-watch.ts";
import { quarantinedUntilUs } from "./quarantine-watch.ts";
import { isAway } from "./reach.ts";
import { entries, timingOf } from "./turn.ts";

/** What a node believes, for people: never for a decision about leases. */
export interface NodeView {
  /** When it was true, on the node's own monotonic clock. */
  readonly takenAtUs: MonotonicUs;
  /** For how much longer its peers hold the node in quarantine; 0: they do not. */
  readonly quarantinedForMs: number;
  readonly groups: readonly GroupView[];
  readonly peers: readonly PeerViewLine[];
  /** Of the cluster document that this node acts on, as far as that may be told (long-promise.ts). */
  readonly documentVersion: number;
}

export interface PeerViewLine {
  readonly nodeId: NodeId;
  readonly reachable: boolean;
  /** Its agent is being started anew, as it has said; its resources run on. */
  readonly detached: boolean;
  readonly lastHeardMs: number | null;
  readonly paths: readonly PathViewLine[];
  /** Why it should not hold a group, as it says itself. */
  readonly problems: Readonly<Record<GroupName, string>>;
  /** Whom it hears, as it told when it was last heard itself; who is not there was never heard by it. */
  readonly hears: readonly { readonly nodeId: NodeId; readonly lastHeardMs: number }[];
}

/** One way to a peer. `suspectAfterMs`: after how long a pause it would count as silent now. */
export interface PathViewLine {
  readonly name: PathName;
  readonly heard: boolean;
  readonly lastHeardMs: number | null;
  readonly suspectAfterMs: number;
}

export interface GroupView extends GroupState {
  readonly reason: string;
  readonly leaseRemainingMs: number | null;
  /** The end of the best lease that this node has won, on the same clock as `takenAtUs`; it may lie in the past, and is 0 where there was none. */
  readonly leaseEndUs: MonotonicUs;
}

export function viewOf(state: NodeState, nowUs: MonotonicUs): NodeView {
  return {
    takenAtUs: nowUs,
    quarantinedForMs: Math.max(0, Math.ceil(msFromUs(quarantinedUntilUs(state) - nowUs))),
    groups: groupStatesOf(state, nowUs).map((told) => {
      const run = state.groups[told.group];
      const endUs = run?.leaseEndUs ?? 0;
      const leaseRemainingMs = endUs <= nowUs ? null : msFromUs(endUs - nowUs);
      return { ...told, reason: run?.reason ?? "", leaseRemainingMs, leaseEndUs: endUs };
    }),
    peers: entries(state.peers).map(([nodeId, peer]) => ({
      nodeId,
      reachable: !peer.silent,
      detached: peer.silent && isAway(peer, nowUs),
      lastHeardMs: ageMs(peer.heardAtUs, nowUs),
      paths: entries(peer.paths).map(([name, { silent, heardAtUs, rhythm }]) => ({
        name,
        heard: !silent,
        lastHeardMs: ageMs(heardAtUs, nowUs),
        suspectAfterMs: Math.round(msFromUs(suspectAfterUs(rhythm, suspicionOf(timingOf(state))))),
      })),
      problems: peer.status?.groupProblems ?? {},
      hears: peer.lastHeard.map(({ node, ageUs }) => ({ nodeId: node, lastHeardMs: Math.round(msFromUs(ageUs)) })),
    })),
    documentVersion: documentVersionInForce(state, nowUs),
  };
}

function ageMs(atUs: MonotonicUs | null, nowUs: MonotonicUs): number | null {
  return atUs === null ? null : Math.round(msFromUs(nowUs - atUs));
}
