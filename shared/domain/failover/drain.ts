import type { NodeId } from "../ids.ts";
import { fitSuccessors, isFit, orderOf } from "../priority/candidate-order.ts";
import { replicatedIn } from "../replication/data-set-rules.ts";
import { msFromUs, usFromMs } from "../time.ts";
import { changesUnsent, unfollowedHere } from "./data-readiness.ts";
import { unfitness } from "./eligibility.ts";
import { giveBack } from "./lease-round.ts";
import { reaches } from "./reach.ts";
import { isSoleGivenUp } from "./sole.ts";
import { nowOf, runOf, type Scene, stateOf } from "./transition.ts";
import { editGroup, otherNodeVotersOf, report, timingOf } from "./turn.ts";

/*
 * The part of a planned switchover in which nothing runs: the successor receives the last changes (R1). Where it cannot in time,
 * the group is taken up again here; only a node that cannot run it any more gives it away all the same, and says what is at risk.
 */

/** Asks for a look at what the resources wrote last: a status of before their stop says nothing about it. */
export function beginDraining(scene: Scene): void {
  const { turn, name } = scene;
  const lookId = runOf(scene).lookId + 1;
  const drainUntilUs = nowOf(scene) + usFromMs(stateOf(scene).settings.drainMsMax);
  editGroup(turn, name, { lookId, lookedAt: replicatedIn(stateOf(scene).document).length === 0 ? [] : null, drainUntilUs });
  turn.effects.push({ type: "look", group: name, lookId });
}

/** The successor has every change that was ever written here, and can take the group now. */
export function isDrained(scene: Scene): boolean {
  const state = stateOf(scene);
  const to = successorOf(scene);
  if (!isSoleGivenUp(state, scene.name, nowOf(scene))) return false;
  // Nobody is there to receive anything; what they lack is known once this node has looked.
  if (to === null) return runOf(scene).lookedAt !== null;
  return hasEverything(scene, to) && (isFit(state, scene.name, to) || !mayGoOn(scene));
}

/** It cannot come to that in time, or at all. */
export function isDrainOver(scene: Scene): boolean {
  const to = successorOf(scene);
  // One that does not hear this node can neither get the changes nor learn that the group is its own.
  const isGone = to !== null && !reaches(stateOf(scene), to, nowOf(scene));
  const isUnknowable = runOf(scene).lookedAt !== null && unfollowedHere(stateOf(scene)) !== null;
  return nowOf(scene) >= runOf(scene).drainUntilUs || isUnknowable || ((isGone || isDeclined(scene)) && isWilling(scene));
}

/** The successor has everything and yet cannot take the group. For one T that may pass by itself; longer, nothing would run for its sake. */
function isDeclined(scene: Scene): boolean {
  const state = stateOf(scene);
  const to = successorOf(scene);
  if (to === null || isFit(state, scene.name, to) || !hasEverything(scene, to)) return false;
  return nowOf(scene) >= runOf(scene).sinceUs + usFromMs(timingOf(state).leaseMs);
}

/**
 * This node can run the group on. Not where somebody has been promised a later number since, and may have started it under that: then this tenure is not
 * started again (S4); it is given back, and asked for anew.
 */
export function mayGoOn(scene: Scene): boolean {
  const { ballot, epoch } = runOf(scene);
  return isWilling(scene) && ballot <= epoch;
}

/** Nothing but the wish to move the group made this node stop it; or it is unfit for it, and so is everybody else. */
function isWilling(scene: Scene): boolean {
  const state = stateOf(scene);
  if (state.phase !== "running") return false;
  return unfitness(state, runOf(scene)) === null || fitSuccessors(state, scene.name, nowOf(scene)).length === 0;
}

/** The successor is gone, this node cannot go on, and another one could. */
export function nextSuccessor(scene: Scene): NodeId | null {
  const to = successorOf(scene);
  if (to === null || mayGoOn(scene) || nowOf(scene) >= runOf(scene).drainUntilUs) return null;
  return reaches(stateOf(scene), to, nowOf(scene)) ? null : (fitSuccessors(stateOf(scene), scene.name, nowOf(scene))[0] ?? null);
}

export function drainTowards(scene: Scene): void {
  const { handover } = runOf(scene);
  editGroup(scene.turn, scene.name, { handover: { to: nextSuccessor(scene), reason: handover?.reason ?? "", isFailback: false } });
}

/** Whoever can receive the last changes of a node that is ending, best the one that can take the group as well. */
export function successorAtTheEnd(scene: Scene): NodeId | null {
  const { name } = scene;
  const state = stateOf(scene);
  const heard = orderOf(state, name).filter((node) => node !== state.nodeId && state.peers[node]?.silent === false);
  return fitSuccessors(state, name, nowOf(scene))[0] ?? heard[0] ?? null;
}

/** The same tenure goes on, under its epoch and its lease. */
export function takeUpAgain(scene: Scene): void {
  const { turn, name } = scene;
  const reason = `the switchover to ${successorOf(scene) ?? "another node"} was given up and its resources are started here again: ${whyNotDrained(scene)}`;
  report(turn, { kind: "group.switchover-refused", group: name, reason });
  const { handover, failbacksGivenUp, epoch } = runOf(scene);
  editGroup(turn, name, {
    preferred: null,
    wonAtUs: turn.nowUs,
    failbacksGivenUp: failbacksGivenUp + (handover?.isFailback === true ? 1 : 0),
  });
  turn.effects.push({ type: "start-resources", group: name, epoch });
  turn.heartbeatDue = true;
}

/** Whether what is starting is the tenure that a switchover would have ended: nobody took anything over. */
export function isTakenUpAgain(scene: Scene): boolean {
  const { lastHolder, epoch } = runOf(scene);
  return lastHolder?.node === stateOf(scene).nodeId && lastHolder.epoch === epoch;
}

export function goOn(scene: Scene): void {
  editGroup(scene.turn, scene.name, { handover: null });
  scene.turn.heartbeatDue = true;
}

/** As planned where the successor has everything; else what it lacks is told, by this node and by whoever takes over. */
export function giveBackDrained(scene: Scene): void {
  const { turn, name } = scene;
  const { epoch, handover } = runOf(scene);
  const to = successorOf(scene);
  const successor = to !== null && isFit(stateOf(scene), name, to) ? to : null;
  // Who is not heard now may take over all the same, once it hears of this.
  const planned = isDrained(scene) && (to !== null || otherNodeVotersOf(stateOf(scene)).every((node) => hasEverything(scene, node)));
  const asked = handover?.reason ?? "";
  const reason = planned ? asked : `${asked}; ${whyNotDrained(scene)}`;
  if (!planned) report(turn, { kind: "group.stepped-down", group: name, epoch, reason });
  giveBack(turn, name, { successor, planned, reason });
}

export function whyNotDrained(scene: Scene): string {
  const state = stateOf(scene);
  const run = runOf(scene);
  const to = successorOf(scene);
  if (to === null) return "no other node was heard, to receive what its resources wrote last";
  const problem = unfollowedHere(state);
  if (problem !== null) return problem;
  if (run.lookedAt === null) return "what its resources wrote last could not be read in time";
  const unsent = changesUnsent(state, run.lookedAt, to);
  const waitedMs = Math.round(msFromUs(nowOf(scene) - run.sinceUs));
  if (unsent > 0) return `${unsent} changes had not reached ${to} after ${waitedMs} ms`;
  return `${to} could not take the group after ${waitedMs} ms: ${state.peers[to]?.groups[scene.name]?.ineligible ?? "it is not heard"}`;
}

function hasEverything(scene: Scene, to: NodeId): boolean {
  const state = stateOf(scene);
  const { lookedAt } = runOf(scene);
  return lookedAt !== null && unfollowedHere(state) === null && changesUnsent(state, lookedAt, to) === 0;
}

function successorOf(scene: Scene): NodeId | null {
  return runOf(scene).handover?.to ?? null;
}
