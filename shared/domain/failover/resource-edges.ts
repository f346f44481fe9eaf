import type { NodeId } from "../ids.ts";
import { votersOf } from "../membership/quorum.ts";
import type { AddressLook } from "../monitoring/takeover-course.ts";
import { withMove } from "../priority/flap-guard.ts";
import { msFromUs, usFromMs } from "../time.ts";
import { changesBehind } from "./data-readiness.ts";
import { promisesOf, votesHeld } from "./lease.ts";
import { quietForUs } from "./lookout.ts";
import { reachOf } from "./reach.ts";
import { votesNeeded } from "./sole-note.ts";
import { switchoverRefusal } from "./switchover-outlook.ts";
import { lastSignsOf, takeoverCourse } from "./takeover-course.ts";
import { nowOf, runOf, type Scene, stateOf } from "./transition.ts";
import { editGroup, report } from "./turn.ts";

/** Resources down before the lease ends, or at once; from here on nothing is renewed. */
export function stepDown(scene: Scene, reason: string, isAtOnce = false): void {
  const { turn, name } = scene;
  const run = runOf(scene);
  // A node that has gone back in time cannot trust its own lease any more.
  const deadlineUs = isAtOnce || turn.nowUs < turn.state.quietUntilUs ? turn.nowUs : Math.max(turn.nowUs, run.leaseEndUs);
  editGroup(turn, name, { stopByUs: deadlineUs, handover: null, rounds: [] });
  turn.effects.push({ type: "stop-resources", group: name, epoch: run.epoch, deadlineUs, reason });
  report(turn, { kind: "group.stepped-down", group: name, epoch: run.epoch, reason });
  turn.heartbeatDue = true;
}

/** What was being stopped gently has no time any more. */
export function stopAtOnce(scene: Scene): void {
  const { turn, name } = scene;
  const { epoch, reason } = runOf(scene);
  editGroup(turn, name, { stopByUs: turn.nowUs });
  turn.effects.push({ type: "stop-resources", group: name, epoch, deadlineUs: turn.nowUs, reason });
}

/** A planned stop, under a lease that is still renewed. */
export function handOver(scene: Scene, to: NodeId | null, reason: string, isFailback = false): void {
  const { turn, name } = scene;
  const run = runOf(scene);
  const deadlineUs = turn.nowUs + usFromMs(turn.state.settings.plannedStopMsMax);
  editGroup(turn, name, { handover: { to, reason, isFailback }, stopByUs: deadlineUs, preferred: null });
  turn.effects.push({ type: "stop-resources", group: name, epoch: run.epoch, deadlineUs, reason });
  turn.heartbeatDue = true;
}

/** This node leaves the group to the next one for a while; not for ever, since the next may fail as well. */
export function backOffStart(scene: Scene): void {
  const { turn, name, signal } = scene;
  const run = runOf(scene);
  const failure = signal.type === "resources-failed" ? signal.reason : "";
  const { first, max } = turn.state.settings.startBackOffMs;
  const waitMs = Math.min(max, first * 2 ** Math.min(run.startFailures, 30));
  editGroup(turn, name, { startFailures: run.startFailures + 1, startFailure: failure, notBeforeUs: turn.nowUs + usFromMs(waitMs) });
  stepDown(scene, `its resources failed: ${failure}`);
}

/** What there is to say about the data at this instant, the last before the resources start. */
export function noticeWon(scene: Scene): void {
  const from = oldHolderOf(scene);
  const behind = from === null ? 0 : changesBehind(stateOf(scene), from);
  const { freeSinceUs, rounds } = runOf(scene);
  const nowUs = nowOf(scene);
  editGroup(scene.turn, scene.name, {
    won: {
      isAsPlanned: from !== null && isAsPlanned(scene, from),
      behind,
      freeSinceUs: freeSinceUs ?? nowUs,
      askedAtUs: rounds[0]?.sentUs ?? nowUs,
      quietForUs: quietForUs(stateOf(scene), scene.name, nowUs),
      lastSigns: lastSignsOf(stateOf(scene), from),
    },
  });
}

/** The other node that held the group last, as far as is known here. */
function oldHolderOf(scene: Scene): NodeId | null {
  const { lastHolder } = runOf(scene);
  return lastHolder === null || lastHolder.node === stateOf(scene).nodeId ? null : lastHolder.node;
}

/**
 * The last holder's own word that its successor has everything; anybody else must have heard, after that word, that it lacks nothing.
 * Worth something only where nobody can have held the group since.
 */
function isAsPlanned(scene: Scene, from: NodeId): boolean {
  const state = stateOf(scene);
  const { heardRelease, epoch } = runOf(scene);
  if (heardRelease?.by !== from || !heardRelease.planned || heardRelease.aloneUpTo !== epoch) return false;
  if (heardRelease.successor === state.nodeId) return true;
  const told = state.peers[heardRelease.by]?.groups[scene.name]?.released ?? null;
  return told !== null && told.epoch >= heardRelease.epoch && changesBehind(state, heardRelease.by) === 0;
}

export function proveStarted(scene: Scene): void {
  editGroup(scene.turn, scene.name, { startFailures: 0, startFailure: "" });
}

/** Operational: says what has happened, seen from the one who did it. */
export function reportTaken(scene: Scene): void {
  const { turn, name } = scene;
  const { state, nowUs } = turn;
  const run = runOf(scene);
  const from = oldHolderOf(scene);
  const votes = votesHeld(promisesOf(run, state.settings), votersOf(state.document), state.settings, nowUs);
  const counted = { group: name, epoch: run.epoch, votes, voters: votersOf(state.document).length };
  const startedInMs = msFromUs(nowUs - run.wonAtUs);
  if (from !== null && run.heardRelease?.by === from && run.won.isAsPlanned) {
    report(turn, { kind: "group.handover", ...counted, from, reason: run.heardRelease.reason, startedInMs });
  } else {
    // As it was when the votes were complete: the old holder may have been heard since, and have fallen silent again.
    const { heardAtUs, silentSinceUs } = run.won.lastSigns;
    const silentMs = silentSinceUs === null || heardAtUs === null ? null : Math.round(msFromUs(run.wonAtUs - heardAtUs));
    const released = from !== null && run.heardRelease?.by === from ? run.heardRelease.reason : null;
    const course = takeoverCourse(state, run, addressesOf(scene), nowUs);
    report(turn, { kind: "group.takeover", ...counted, from, silentMs, released, startedInMs, behind: run.won.behind, course });
  }
  const lastHolder = { node: state.nodeId, epoch: run.epoch };
  const moves = from === null ? run.moves : withMove(run.moves, { epoch: run.epoch, atUs: nowUs });
  const anew = { attempts: 0, heardRelease: null, released: null, handover: null, failbacksGivenUp: 0, isFailbackFrozen: false };
  editGroup(turn, name, { ...anew, lastHolder, moves });
  turn.heartbeatDue = true;
}

function addressesOf({ signal }: Scene): readonly AddressLook[] {
  return signal.type === "resources-started" ? signal.addresses : [];
}

/** Null where the asked-for switchover can be made. */
export function switchoverProblem(scene: Scene): string | null {
  if (scene.signal.type !== "switchover") return null;
  return switchoverRefusal(stateOf(scene), scene.name, scene.signal.to, nowOf(scene));
}

export function refuseSwitchover(scene: Scene): void {
  const reason = switchoverProblem(scene) ?? "";
  report(scene.turn, { kind: "group.switchover-refused", group: scene.name, reason });
}

export function lostReason(scene: Scene): string {
  const state = stateOf(scene);
  const voters = votersOf(state.document).length;
  const reached = reachOf(state, nowOf(scene));
  const needed = votesNeeded(state, scene.name);
  if (reached < needed) return `lost its majority: reaches ${reached} of ${voters} voters and needs ${needed}`;
  return `its lease was not renewed in time by ${needed} of ${voters} voters`;
}
