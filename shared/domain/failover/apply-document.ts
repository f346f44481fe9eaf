import type { NodeId, PathName } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import { votersOf } from "../membership/quorum.ts";
import { profileOf } from "../membership/timing-profile.ts";
import { areSame } from "../membership/voters-since.ts";
import { usFromMs } from "../time.ts";
import type { NodeEvent } from "./events.ts";
import { newGroup, unheardPeer } from "./initial-state.ts";
import type { GroupRun, NodeState, PeerView } from "./node-state.ts";
import { pathsTo } from "./path-watch.ts";
import { edit, isMember, peersOf, type Turn, timingOf } from "./turn.ts";

/** A newer document takes effect at once, members coming and going included. An older or foreign one changes nothing. */
export function applyDocument(turn: Turn, { document, votersSinceVersion: told }: Extract<NodeEvent, { type: "document" }>): void {
  const { state, nowUs } = turn;
  if (document.clusterId !== state.document.clusterId || document.version <= state.document.version) return;
  const wasMember = isMember(state);
  const settlesAtUs = nowUs + usFromMs(longestLeaseMs(state, document));
  const isNext = document.version === state.document.version + 1;
  const hasSameVoters = areSame(votersOf(state.document), votersOf(document));
  const votersSettleAtUs = hasSameVoters ? state.votersSettleAtUs : settlesAtUs;
  // What stood in a version that was skipped is not known here; whoever has seen it tells.
  const votersSinceVersion = told ?? (isNext && hasSameVoters ? state.votersSinceVersion : document.version);
  const earlierLeaseMs = isNext ? timingOf(state).leaseMs : state.settings.leaseMsMax;
  edit(turn, { document, votersSettleAtUs, votersSinceVersion, earlierLeaseMs });
  const isBack = !wasMember && isMember(turn.state);
  edit(turn, {
    quietUntilUs: isBack ? nowUs + usFromMs(state.settings.leaseMsMax) : state.quietUntilUs,
    peers: peersAfter(turn.state, nowUs),
    groups: groupsAfter(turn.state, nowUs),
    metAll: false,
  });
  turn.heartbeatDue = true;
}

/**
 * The longest lease that may still run under this document's two predecessors. The control plane changes voters only when
 * a majority acts on the document before, so that nothing older is renewed any more; what was renewed just before then
 * has this long to run, and its majority need not overlap with the new one's.
 */
function longestLeaseMs(state: NodeState, next: ClusterDocument): number {
  if (next.version !== state.document.version + 1) return state.settings.leaseMsMax;
  return Math.max(state.earlierLeaseMs, timingOf(state).leaseMs, profileOf(next.timing, state.settings.profiles).leaseMs);
}

function peersAfter(state: NodeState, nowUs: number): NodeState["peers"] {
  return Object.fromEntries(peersOf(state).map((node: NodeId) => [node, peerAfter(state, node, nowUs)]));
}

function peerAfter({ document, nodeId, peers }: NodeState, node: NodeId, nowUs: number): PeerView {
  const peer = peers[node];
  if (peer === undefined) return unheardPeer(document, nodeId, node, nowUs);
  const paths = pathsTo(document, nodeId, node, peer.paths, nowUs);
  const hasNewPath = Object.keys(paths).some((name) => peer.paths[name as PathName] === undefined);
  return { ...peer, paths, heardSinceUs: hasNewPath ? nowUs : peer.heardSinceUs };
}

/** Groups that are no longer named stay until they have been left in order (transition-table.ts). */
function groupsAfter(state: NodeState, nowUs: number): NodeState["groups"] {
  const initial = !isMember(state) ? "left" : nowUs < state.quietUntilUs ? "just-started" : "standby";
  const added = state.document.groups.flatMap(({ name }): [string, GroupRun][] => {
    if (state.groups[name] !== undefined) return [];
    return [[name, newGroup(name, initial, state.grants[name]?.epoch ?? 0, nowUs)]];
  });
  return { ...state.groups, ...Object.fromEntries(added) };
}
