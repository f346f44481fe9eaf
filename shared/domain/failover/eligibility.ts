import { isVoter, votersOf } from "../membership/quorum.ts";
import { orderOf } from "../priority/candidate-order.ts";
import { type MonotonicUs, msFromUs, usFromMs } from "../time.ts";
import { dataProblem } from "./data-readiness.ts";
import { lookoutProblem } from "./lookout.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { quarantineProblem } from "./quarantine-watch.ts";
import { hasHeardBeat, hasQuorum, reachOf } from "./reach.ts";
import { mayGoOnAlone } from "./sole-note.ts";
import { isMember, timingOf } from "./turn.ts";

/** Why this node may not take the group now, in words for people; null where it may. */
export function ineligibility(state: NodeState, run: GroupRun, nowUs: MonotonicUs): string | null {
  const beside = ineligibilityBesideQuorum(state, run, nowUs);
  if (beside !== null || hasQuorum(state, run.name, nowUs)) return beside;
  return `this node reaches only ${reachOf(state, nowUs)} of ${votersOf(state.document).length} voters`;
}

/** The same, whoever may be in reach. */
export function ineligibilityBesideQuorum(state: NodeState, run: GroupRun, nowUs: MonotonicUs): string | null {
  if (state.phase !== "running") return `the agent is ending: ${state.shutdownReason}`;
  if (!isMember(state)) return "this node is not in the cluster document";
  if (!orderOf(state, run.name).includes(state.nodeId)) return "this node is not in the group's order";
  if (!isVoter(state.document, state.nodeId)) return "this node has joined and is not yet promoted to a voter";
  if (nowUs < state.quietUntilUs) return "this node has just started and still keeps the promises of its earlier run";
  if (nowUs < state.votersSettleAtUs) return "the cluster's voters have just changed: leases of before run out first";
  if (nowUs < state.lateUntilUs) return "this node was late itself and first reads what it missed";
  if (mayGoOnAlone(state, run.name) && isListening(state, nowUs)) return "it may go on alone, and first listens for the other node";
  if (nowUs < run.notBeforeUs) {
    return `its resources failed to start (${run.startFailure}); next try in ${Math.ceil(msFromUs(run.notBeforeUs - nowUs) / 1_000)} s`;
  }
  return unfitness(state, run) ?? dataProblem(state) ?? quarantineProblem(state, run, nowUs) ?? lookoutProblem(state, run, nowUs);
}

/** What makes even the operational node give a group away, where another node is fit for it. */
export function unfitness(state: NodeState, run: GroupRun): string | null {
  if (state.status === null) return "the rest of the agent has not told its state yet";
  const problem = state.status.groupProblems[run.name];
  if (problem !== undefined) return problem;
  const late = Object.entries(state.status.threadAgesMs).find(([, ageMs]) => ageMs > state.settings.threadAgeMsMax);
  return late === undefined ? null : `its thread ${late[0]} has not answered for ${Math.round(late[1])} ms`;
}

/** A node that has just started may have been given up meanwhile, and would hear so at once. */
function isListening(state: NodeState, nowUs: MonotonicUs): boolean {
  return !hasHeardBeat(state) && nowUs - state.startedAtUs < usFromMs(timingOf(state).suspectAfterMs.most);
}
