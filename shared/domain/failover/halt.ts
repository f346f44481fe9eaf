import { majorityOf, votersOf } from "../membership/quorum.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import { fitOthers, orderOf } from "../priority/candidate-order.ts";
import { type DurationUs, usFromMs } from "../time.ts";
import { ineligibility } from "./eligibility.ts";
import { hasAddress, isLostToAll, lookoutProblem, lostToAllReason } from "./lookout.ts";
import { hasQuorum, reachOf } from "./reach.ts";
import { boundTo, soleOf } from "./sole-note.ts";
import { nowOf, runOf, type Scene, stateOf } from "./transition.ts";
import { leaseUsOf } from "./turn.ts";

/** How long a group may be without a holder before that is given a name and told. A site that boots for the first time gets more. */
function patienceUs(scene: Scene): DurationUs {
  const state = stateOf(scene);
  const bootUs = usFromMs(state.settings.startPatienceMs);
  const isBooting = runOf(scene).lastHolder === null && nowOf(scene) - state.startedAtUs < bootUs;
  return isBooting || !state.metQuorum ? bootUs : leaseUsOf(state);
}

/** No majority is in reach, for long enough to say so. */
export function isCutOff(scene: Scene): boolean {
  const state = stateOf(scene);
  if (isLostToAll(state, nowOf(scene))) return true;
  // As soon as that is on the disk.
  if (whenAloneOf(state.document) !== "stop" && soleOf(state, scene.name).node === state.nodeId) return false;
  if (waitsForSilent(scene)) return true;
  return state.quorumLostAtUs !== null && nowOf(scene) - state.quorumLostAtUs >= patienceUs(scene);
}

/** It has agreed that a node may go on alone which it does not hear, whatever majority has come about since. A node that was removed is not heard at all. */
function waitsForSilent(scene: Scene): boolean {
  const state = stateOf(scene);
  const sole = boundTo(state, scene.name);
  if (sole === null) return false;
  const peer = state.peers[sole];
  return peer === undefined || (peer.silent && nowOf(scene) - peer.silentSinceUs >= patienceUs(scene));
}

/** The nodes out of reach are enough to go on without this one. */
export function othersMayGoOn(scene: Scene): boolean {
  const state = stateOf(scene);
  if (boundTo(state, scene.name) !== null || isLostToAll(state, nowOf(scene))) return true;
  const voters = votersOf(state.document).length;
  return voters - reachOf(state, nowOf(scene)) >= majorityOf(voters);
}

/** What is out of reach of a witness says nothing about the group: that is for the nodes to tell. */
export function isOnlyWitness(scene: Scene): boolean {
  const { document, nodeId } = stateOf(scene);
  return document.witness?.nodeId === nodeId;
}

/** This node ran the group last, as far as it knows, or nobody has since it started. */
export function wasTheLastHolder(scene: Scene): boolean {
  const { lastHolder } = runOf(scene);
  return lastHolder === null || lastHolder.node === stateOf(scene).nodeId;
}

/** A majority is in reach, the group is free, and no node in reach is fit to take it. */
export function hasNoFitNode(scene: Scene): boolean {
  const state = stateOf(scene);
  const run = runOf(scene);
  // The wait after a change of members ends by itself, soon.
  if (nowOf(scene) < state.votersSettleAtUs + leaseUsOf(state)) return false;
  if (run.freeSinceUs === null || !hasQuorum(state, scene.name, nowOf(scene))) return false;
  if (nowOf(scene) - run.freeSinceUs < patienceUs(scene)) return false;
  return ineligibility(state, run, nowOf(scene)) !== null && fitOthers(state, run.name).length === 0;
}

export function cutOffReason(scene: Scene): string {
  const state = stateOf(scene);
  const voters = votersOf(state.document).length;
  if (isLostToAll(state, nowOf(scene))) return lostToAllReason;
  const sole = boundTo(state, scene.name);
  if (sole !== null) {
    const whenAlone = whenAloneOf(state.document);
    const word = whenAlone === "stop" ? "while they were two" : `(whenAlone: ${whenAlone})`;
    const agreed = `only ${sole} may go on alone, as both agreed ${word}, and it is not heard`;
    return `${agreed}; ${whyNotByItself(scene)}if it is surely down, take over here: understudy agent takeover`;
  }
  const counted = `this node reaches ${reachOf(state, nowOf(scene))} of ${voters} voters and needs ${majorityOf(voters)}`;
  if (othersMayGoOn(scene)) return `${counted}; whether the others run the group cannot be seen from here`;
  const why = whenAloneOf(state.document) === "stop" ? "whenAlone: stop" : "they had not agreed who may go on alone";
  return `${counted}; without a witness nobody else may run the group either (${why})`;
}

/** Where it would take over by itself if nobody answered. */
function whyNotByItself(scene: Scene): string {
  const state = stateOf(scene);
  if (whenAloneOf(state.document) !== "probe") return "";
  if (!hasAddress(state, scene.name)) return "the group has no address to probe, so this node does not take over by itself; ";
  if (state.lookout?.gateway?.answer === "none") return "this machine knows no gateway that could tell it that it is not cut off itself; ";
  const problem = lookoutProblem(state, runOf(scene), nowOf(scene));
  return problem === null ? "" : `${problem}; `;
}

export function noFitNodeReason(scene: Scene): string {
  if (orderOf(stateOf(scene), scene.name).length === 0) return "no node is listed in the group's order";
  return `no node is fit to run it (${fitnessOfAll(scene)})`;
}

/** Every node of the group's order, with what keeps it from taking the group. */
export function fitnessOfAll(scene: Scene): string {
  const state = stateOf(scene);
  const { name } = runOf(scene);
  const reasons = orderOf(state, name).map((node) => {
    if (node === state.nodeId) return `${node}: ${ineligibility(state, runOf(scene), nowOf(scene)) ?? "fit"}`;
    const peer = state.peers[node];
    if (peer === undefined || peer.silent || peer.heardAtUs === null) return `${node}: not heard`;
    return `${node}: ${peer.groups[name]?.ineligible ?? "has not told its state yet"}`;
  });
  return reasons.join("; ");
}
