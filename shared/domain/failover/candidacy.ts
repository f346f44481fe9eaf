import { votersOf } from "../membership/quorum.ts";
import { rankOf } from "../priority/candidate-order.ts";
import { type MonotonicUs, usFromMs } from "../time.ts";
import { ineligibility, unfitness } from "./eligibility.ts";
import { askVoters, giveBack, noLease, unwon } from "./lease-round.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { votesNeeded } from "./sole-note.ts";
import { nowOf, runOf, type Scene, stateOf } from "./transition.ts";
import { editGroup, leaseUsOf, otherNodeVotersOf, timingOf } from "./turn.ts";
import { candidacyUs, waitsForCloud, witnessForCandidate } from "./witness.ts";

/** Candidacies in vain lengthen a node's wait up to this often, so that two who keep disturbing each other drift apart. */
const attemptsCountedMax = 16;

/** Free, this node may take it, and enough voters could agree. */
export function mayAsk(scene: Scene): boolean {
  const run = runOf(scene);
  return run.freeSinceUs !== null && ineligibility(stateOf(scene), run, nowOf(scene)) === null;
}

/**
 * Rule 5: when this node's turn to ask comes. A successor named by the last holder asks at once; everybody else gives it
 * a head start, and so does a holder that let the group go to all others. Who has just let it go is not waited for: it may
 * be heard for a while yet, as a node is whose guardian has spoken for its dead agent.
 */
export function turnAtUs(state: NodeState, run: GroupRun): MonotonicUs {
  const freeSinceUs = run.freeSinceUs ?? Number.MAX_SAFE_INTEGER;
  const isFirstAttempt = run.attempts === 0;
  const successor = run.heardRelease?.successor ?? null;
  if (successor === state.nodeId && isFirstAttempt) return freeSinceUs;
  const rankDelayUs = usFromMs(timingOf(state).rankDelayMs);
  const isForOthers = successor !== null || hasJustLetGo(run);
  const headStartUs = isForOthers && isFirstAttempt ? Math.round(leaseUsOf(state) / 2) : 0;
  const rank = rankOf(state, run.name, isFirstAttempt ? (run.heardRelease?.by ?? null) : null);
  const place = Math.max(votersOf(state.document).indexOf(state.nodeId), 0);
  const backOffUs = Math.min(run.attempts, attemptsCountedMax) * (place + 1) * rankDelayUs;
  return freeSinceUs + headStartUs + rank * rankDelayUs + backOffUs;
}

/** It let the group go, and nobody has held it since. A reason is given only for what was really held. */
function hasJustLetGo({ released, lastHolder }: GroupRun): boolean {
  return released !== null && released.reason !== "" && released.epoch >= (lastHolder?.epoch ?? 0);
}

/** The next number to ask under: above every one that is known. */
export function nextBallot(run: GroupRun): number {
  return run.epochSeen + 1;
}

export function canAskNow(scene: Scene): boolean {
  const state = stateOf(scene);
  const run = runOf(scene);
  return mayAsk(scene) && nowOf(scene) >= turnAtUs(state, run) && nextBallot(run) <= (state.stored[run.name] ?? 0);
}

/** Opens a candidacy, or goes on with a higher number where voters knew one. */
export function openCandidacy(scene: Scene): void {
  const { turn, name } = scene;
  const run = runOf(scene);
  const ballot = nextBallot(run);
  const askUntilUs = turn.nowUs + candidacyUs(turn.state);
  const heardRelease = run.heardRelease?.aloneUpTo === ballot - 1 ? { ...run.heardRelease, aloneUpTo: ballot } : run.heardRelease;
  editGroup(turn, name, { ...noLease(turn), ballot, epochSeen: ballot, heardRelease, askUntilUs });
  ask(scene);
}

/** Asks those who have not granted yet: requests and answers get lost. */
export function ask(scene: Scene): void {
  const { turn, name } = scene;
  const run = runOf(scene);
  const witness = witnessForCandidate(turn.state, run, turn.nowUs);
  const asked = [...otherNodeVotersOf(turn.state), ...(witness === null ? [] : [witness])];
  const open = asked.filter((voter) => run.promises[voter] === undefined);
  const askAgainAtUs = turn.nowUs + Math.round(usFromMs(timingOf(turn.state).heartbeatIntervalMs) / 2);
  editGroup(turn, name, { askAgainAtUs });
  askVoters(turn, name, open);
}

/** The lease is worth something only with time left to start and stop in, and to a node that is still fit to run the group. */
export function hasWon(scene: Scene): boolean {
  return unfitness(stateOf(scene), runOf(scene)) === null && nowOf(scene) < runsOutAtUs(stateOf(scene), runOf(scene).leaseEndUs);
}

/** From this instant on resources are stopped, so that they are down when the lease ends (rule 3). */
export function runsOutAtUs(state: NodeState, leaseEndUs: MonotonicUs): MonotonicUs {
  return leaseEndUs - Math.round(leaseUsOf(state) * state.settings.stopWindowFractionOfLease);
}

/** Time is up, the node has become unfit, or so many voters are bound elsewhere that the rest is no majority. */
export function isInVain(scene: Scene): boolean {
  const state = stateOf(scene);
  const run = runOf(scene);
  const isOver = nowOf(scene) >= run.askUntilUs && !waitsForCloud(state, run, nowOf(scene));
  if (isOver || ineligibility(state, run, nowOf(scene)) !== null) return true;
  const voters = votersOf(state.document);
  const bound = voters.filter((voter) => (run.refusals[voter] ?? 0) > run.askUntilUs).length;
  return voters.length - bound < votesNeeded(state, run.name);
}

export function giveUpCandidacy(scene: Scene): void {
  const { turn, name } = scene;
  giveBack(turn, name, unwon);
  editGroup(turn, name, { attempts: runOf(scene).attempts + 1, freeSinceUs: null });
}
