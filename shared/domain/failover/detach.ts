import type { GroupName } from "../ids.ts";
import { majorityOf, votersOf } from "../membership/quorum.ts";
import { usFromMs } from "../time.ts";
import { bindingGrants } from "./clean-stop.ts";
import type { Detached } from "./durable-record.ts";
import { longVotesNeeded } from "./lease.ts";
import { askForLong, countLong, longVotesHeld, openLongRound } from "./long-lease.ts";
import { askDisk, promisedTo, sayLong } from "./long-promise.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { send } from "./outbound.ts";
import { edit, entries, isMember, nextEnvelope, peersOf, report, type Turn } from "./turn.ts";

/*
 * The agent is to be started anew (for a newer version of itself, say) and nothing shall move meanwhile (rule 10). What it holds must be
 * promised to it for long, and what it has promised to others it promises for long: then it can neither lose a lease nor cost one.
 */

const quietStates: ReadonlySet<string> = new Set(["operational", "standby", "isolated", "safe-halt", "left"]);

export function beginDetaching(turn: Turn): void {
  const { state, nowUs } = turn;
  if (state.detaching !== null) return;
  const obstacle = obstacleOf(state, nowUs);
  if (obstacle !== null) return report(turn, { kind: "agent.detach-refused", reason: obstacle });
  edit(turn, { detaching: { untilUs: nowUs + usFromMs(state.settings.detachPatienceMs) } });
  for (const run of heldBy(state)) openLongRound(turn, run.name);
  prolongPromises(turn);
}

/** What this node has promised to others it promises for as long as it may be away. */
function prolongPromises(turn: Turn): void {
  const { grants, settings } = turn.state;
  for (const [group, { to, toIncarnation, epoch, requestId }] of entries(grants)) {
    if (to !== null && isToProlong(turn.state, group, turn.nowUs))
      askDisk(turn, group, { to, toIncarnation, epoch, requestId, forUs: usFromMs(settings.longPromiseMsMax) });
  }
}

function isToProlong(state: NodeState, group: GroupName, nowUs: number): boolean {
  return promisedTo(state, group, nowUs) !== null && state.grants[group]?.long === null;
}

/** Asks again those that have not answered. */
export function repeatLongRequests(turn: Turn): void {
  if (turn.state.detaching === null) return;
  for (const run of heldBy(turn.state)) askForLong(turn, run.name);
  prolongPromises(turn);
}

/** Leaves as soon as it may, or gives it up. */
export function goOnDetaching(turn: Turn): void {
  const { detaching } = turn.state;
  if (detaching === null) return;
  for (const run of heldBy(turn.state)) countOwnVote(turn, run);
  const { state, nowUs } = turn;
  const obstacle = obstacleOf(state, nowUs);
  const missing = missingOf(state, nowUs);
  if (obstacle === null && missing === null) return leave(turn);
  if (obstacle === null && nowUs < detaching.untilUs) return;
  edit(turn, { detaching: null });
  report(turn, { kind: "agent.detach-refused", reason: obstacle ?? missing ?? "" });
}

function countOwnVote(turn: Turn, { name, longRound }: GroupRun): void {
  const own = turn.state.grants[name]?.long;
  if (own === undefined || own === null || own.requestId !== longRound?.requestId) return;
  countLong(turn, name, turn.state.nodeId, own.requestId, own.forUs);
}

function heldBy(state: NodeState): readonly GroupRun[] {
  return Object.values(state.groups).filter((run) => run.state === "operational");
}

/** Why the agent cannot be away now, in words for people. */
function obstacleOf(state: NodeState, nowUs: number): string | null {
  if (state.phase !== "running") return `the agent is ending: ${state.shutdownReason}`;
  if (!isMember(state)) return "this node is not in the cluster document";
  if (nowUs < state.quietUntilUs) return "this node has just started and still keeps the promises of its earlier run";
  const busy = Object.values(state.groups).find((run) => !quietStates.has(run.state));
  if (busy !== undefined) return `group ${busy.name} is ${busy.state} here`;
  const asked = entries(state.grants).find(([group]) => {
    const to = promisedTo(state, group, nowUs);
    return to !== null && state.peers[to]?.groups[group]?.state !== "operational";
  });
  if (asked !== undefined) return `group ${asked[0]} is on its way to another node`;
  const needed = entries(state.grants).find(([group]) => promisedTo(state, group, nowUs) !== null && !canBeSpared(state));
  return needed === undefined ? null : `group ${needed[0]} needs this node's vote while other voters are not heard`;
}

/** The other voters that are heard carry what they hold without this node's vote, or with its long promise in place of it. */
function canBeSpared({ document, nodeId, peers }: NodeState): boolean {
  const voters = votersOf(document);
  const heard = voters.filter((voter) => voter !== nodeId && peers[voter]?.silent === false).length;
  return heard >= majorityOf(voters.length) || heard + 1 >= longVotesNeeded(voters.length);
}

/** What is still to come, in words for people. */
function missingOf(state: NodeState, nowUs: number): string | null {
  const voters = votersOf(state.document).length;
  const needed = longVotesNeeded(voters);
  for (const run of heldBy(state)) {
    const held = longVotesHeld(state, run);
    if (held < needed) return `${held} of ${voters} voters have promised group ${run.name} for so long, and ${needed} are needed`;
  }
  const unwritten = entries(state.grants).find(([group]) => isToProlong(state, group, nowUs))?.[0];
  return unwritten === undefined ? null : `its own promise of group ${unwritten} could not be written to disk in time`;
}

function leave(turn: Turn): void {
  const { nowUs } = turn;
  for (const [group, { long, to, toIncarnation }] of entries(turn.state.grants)) {
    if (to !== null && long !== null && nowUs < long.untilUs) sayLong(turn, group, { ...long, to, toIncarnation });
  }
  const untilUs = Math.min(nowUs + usFromMs(turn.state.settings.longPromiseMsMax), ...heldBy(turn.state).map((run) => run.leaseEndUs));
  for (const peer of peersOf(turn.state)) send(turn, peer, { ...nextEnvelope(turn), type: "away", forUs: untilUs - nowUs });
  edit(turn, { phase: "stopped", detaching: null });
  turn.effects.push({ type: "detached", detached: whatIsLeft(turn.state, nowUs, untilUs) });
}

function whatIsLeft(state: NodeState, nowUs: number, untilUs: number): Detached {
  const { incarnation, sequence, requestId, readmissions, votersSinceVersion, earlierLeaseMs, votersSettleAtUs } = state;
  return {
    incarnation,
    sequence,
    requestId,
    readmissions,
    documentVersion: state.document.version,
    votersSinceVersion,
    earlierLeaseMs,
    votersSettleAtUs,
    untilUs,
    grants: bindingGrants(state, nowUs),
    held: heldBy(state).map(({ name, epoch, ballot, epochSeen, leaseEndUs, long }) => ({
      group: name,
      epoch,
      ballot,
      epochSeen,
      leaseEndUs,
      long,
    })),
  };
}
