import type { NodeId, PathName } from "../ids.ts";
import { majorityOf, votersOf } from "../membership/quorum.ts";
import { preferredOver } from "../priority/failback.ts";
import { msFromUs, usFromMs } from "../time.ts";
import { occupiedStates } from "./group-states.ts";
import type { GroupRun } from "./node-state.ts";
import { asIfHeardLater, losePath, loseQuietPaths, suspicionOf } from "./path-watch.ts";
import { couldWin, isAway, reachOrAway } from "./reach.ts";
import { edit, editGroup, editPeer, entries, isMember, report, type Turn, timingOf } from "./turn.ts";

/**
 * A node that was itself late (stopped, starved, its machine paused) accuses nobody of having been silent meanwhile, and
 * asks for nothing before it has read what waited for it.
 */
export function noticeLateness(turn: Turn): void {
  const { state, nowUs } = turn;
  const intervalUs = usFromMs(timingOf(state).heartbeatIntervalMs);
  const lateUs = nowUs - state.wakeAtUs;
  if (lateUs <= intervalUs) return;
  report(turn, { kind: "loop.late", lateMs: Math.round(msFromUs(lateUs)) });
  edit(turn, { lateUntilUs: nowUs + intervalUs });
  for (const [node, peer] of entries(state.peers)) {
    const later = (atUs: number | null): number | null => (atUs === null ? null : Math.min(nowUs, atUs + lateUs));
    const paths = asIfHeardLater(peer.paths, later);
    const heardSinceUs = Math.min(nowUs, peer.heardSinceUs + lateUs);
    editPeer(turn, node, { heardAtUs: later(peer.heardAtUs), hearsUsAtUs: later(peer.hearsUsAtUs), heardSinceUs, paths });
  }
}

/** Comes with the time alone, at an instant that was asked for (wake.ts). */
export function noticeSilence(turn: Turn): void {
  if (!isMember(turn.state)) return;
  const suspicion = suspicionOf(timingOf(turn.state));
  for (const [node, peer] of entries(turn.state.peers)) {
    const isQuiet = loseQuietPaths(turn, node, suspicion);
    const isOverdue = peer.silent && peer.awayUntilUs > 0 && !isAway(peer, turn.nowUs);
    if ((isQuiet && !peer.silent) || isOverdue) markSilent(turn, node, "heartbeats-missed");
  }
}

/** The peer's process may have died, or one way to it is gone. Faster than missed heartbeats, and just as little the end of a lease. */
export function noticeClosedConnection(turn: Turn, node: NodeId, path: PathName): void {
  const peer = turn.state.peers[node];
  if (peer !== undefined && losePath(turn, node, path) && !peer.silent) markSilent(turn, node, "connection-closed");
}

function markSilent(turn: Turn, node: NodeId, cause: "heartbeats-missed" | "connection-closed"): void {
  const peer = turn.state.peers[node];
  if (peer === undefined) return;
  const heardAtUs = peer.heardAtUs ?? turn.nowUs;
  const isExpected = isAway(peer, turn.nowUs);
  editPeer(turn, node, { silent: true, silentSinceUs: turn.nowUs, awayUntilUs: isExpected ? peer.awayUntilUs : 0 });
  if (isExpected) return;
  report(turn, { kind: "node.silent", node, silentMs: Math.round(msFromUs(turn.nowUs - heardAtUs)), cause });
}

/** Says when one more loss would stop the service, and when that is over. */
export function noticeQuorum(turn: Turn): void {
  const { state, nowUs } = turn;
  if (!isMember(state)) return;
  const voters = votersOf(state.document).length;
  const reachable = reachOrAway(state, nowUs);
  const hasMajority = voters > 0 && reachable >= majorityOf(voters);
  const metAll = state.metAll || reachable === voters;
  const isThin = reachable < voters && reachable <= majorityOf(voters);
  const maySay = metAll || nowUs - state.startedAtUs >= usFromMs(state.settings.startPatienceMs);
  const degraded = state.degraded ? isThin : isThin && maySay;
  if (degraded !== state.degraded) report(turn, { kind: degraded ? "quorum.degraded" : "quorum.restored", reachable, voters });
  const quorumLostAtUs = hasMajority ? null : (state.quorumLostAtUs ?? nowUs);
  if (degraded === state.degraded && quorumLostAtUs === state.quorumLostAtUs && metAll === state.metAll) return;
  edit(turn, { degraded, metAll, metQuorum: state.metQuorum || hasMajority, quorumLostAtUs });
}

/** Since when the group has been free, and since when a better node than this holder could take it. */
export function noticeGroup(turn: Turn, run: GroupRun): void {
  const { state, nowUs } = turn;
  const isBusy = occupiedStates.has(run.state);
  const isFree = !isBusy && (run.state === "asking" || couldWin(state, run.name, nowUs));
  const freeSinceUs = isFree ? (run.freeSinceUs ?? nowUs) : null;
  const node = run.state === "operational" ? preferredOver(state, run, nowUs) : null;
  const preferred = node === null ? null : run.preferred?.node === node ? run.preferred : { node, sinceUs: nowUs };
  if (freeSinceUs !== run.freeSinceUs || preferred !== run.preferred) editGroup(turn, run.name, { freeSinceUs, preferred });
}
