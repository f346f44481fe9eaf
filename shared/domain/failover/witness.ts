import type { GroupName } from "../ids.ts";
import { majorityOf, nodeVotersOf, type VoterId, votersOf, votingWitnessOf } from "../membership/quorum.ts";
import { type DurationUs, type MonotonicUs, usFromMs } from "../time.ts";
import { agreedAtUs, leaseEndUs, votesHeld } from "./lease.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { send } from "./outbound.ts";
import { reaches } from "./reach.ts";
import { editGroup, groupOf, leaseUsOf, nextEnvelope, type Turn, timingOf } from "./turn.ts";

/*
 * The witness votes like everybody, and is asked only where the nodes alone do not suffice: a cluster whose nodes hear each
 * other costs it nothing, and loses nothing with it.
 */

/** Rounds of the nodes that may go unanswered before the holder asks the witness, in heartbeat intervals: early enough for an answer before the lease runs out. */
const unansweredIntervals = 1.5;

/** How long a candidate waits for the control plane's vote. */
const cloudCandidacyUs = usFromMs(2_000);

/** The witness, where a holder has to ask it now: the nodes' own majority has not answered the round before the last. */
export function witnessForHolder(state: NodeState, run: GroupRun, nowUs: MonotonicUs): VoterId | null {
  // A long promise is made beside an ordinary one (long-promise.ts).
  if (state.detaching !== null) return votingWitnessOf(state.document);
  const agreedUs = agreedAtUs(run.promises, nodeVotersOf(state.document), majorityOf(votersOf(state.document).length));
  const patienceUs = unansweredIntervals * usFromMs(timingOf(state).heartbeatIntervalMs);
  return agreedUs !== null && nowUs - agreedUs < patienceUs ? null : votingWitnessOf(state.document);
}

/** The witness, where a candidate has to ask it now: the nodes in reach cannot be a majority, or have not become one within half a heartbeat. */
export function witnessForCandidate(state: NodeState, run: GroupRun, nowUs: MonotonicUs): VoterId | null {
  const openedAtUs = run.askUntilUs - candidacyUs(state);
  const isFresh = nowUs - openedAtUs < Math.round(usFromMs(timingOf(state).heartbeatIntervalMs) / 2);
  const nodesInReach = nodeVotersOf(state.document).filter((voter) => reaches(state, voter, nowUs)).length;
  if (isFresh && nodesInReach >= majorityOf(votersOf(state.document).length)) return null;
  return votingWitnessOf(state.document);
}

/** How long a candidate asks before it gives up. */
export function candidacyUs(state: NodeState): DurationUs {
  return Math.round(leaseUsOf(state) / 2);
}

/**
 * Whether the control plane's vote is all that a candidate lacks, and it has not said no: its first word takes as long as the way to it. What it
 * promises then is asked for anew all the while, so that it is no older than any other's promise.
 */
export function waitsForCloud(state: NodeState, run: GroupRun, nowUs: MonotonicUs): boolean {
  const { witness } = state.document;
  if (witness?.kind !== "cloud" || !witness.voting || run.promises[witness.nodeId] !== undefined) return false;
  if (run.refusals[witness.nodeId] !== undefined || nowUs >= run.askUntilUs - candidacyUs(state) + cloudCandidacyUs) return false;
  const ownVotes = votesHeld(run.promises, nodeVotersOf(state.document), state.settings, nowUs);
  return ownVotes + 1 >= majorityOf(votersOf(state.document).length);
}

/**
 * Gives the witness its promise back, while the nodes' own promises carry the lease just as far. First it counts no more, and will
 * not be believed again if an answer was still under way; only then is the witness told. The next request goes out under a
 * higher number, since under this one the witness grants nothing any more.
 */
export function freeWitness(turn: Turn, name: GroupName): void {
  const { state } = turn;
  const run = groupOf(turn, name);
  const witness = votingWitnessOf(state.document);
  if (witness === null || run.promises[witness] === undefined) return;
  const nodes = nodeVotersOf(state.document);
  const nodesEndUs = leaseEndUs(run.promises, nodes, state.settings, majorityOf(votersOf(state.document).length));
  if (nodesEndUs === null || nodesEndUs < run.leaseEndUs) return;
  const { [witness]: _, ...promises } = run.promises;
  editGroup(turn, name, { promises, witnessFreed: run.ballot, outbidBy: Math.max(run.outbidBy, run.ballot) });
  const freed = { epoch: run.ballot, successor: null, planned: false, reason: "" };
  send(turn, witness, { ...nextEnvelope(turn), type: "lease-release", group: name, ...freed });
}
