import type { GroupName, NodeId } from "../ids.ts";
import { nodeVotersOf } from "../membership/quorum.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import type { MonotonicUs } from "../time.ts";
import type { Sole } from "./durable-record.ts";
import { occupiedStates, resourceStates } from "./group-states.ts";
import type { GroupState } from "./messages.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { reaches } from "./reach.ts";
import { isSoleStored, soleOf } from "./sole-note.ts";
import { edit, groupOf, otherNodeVotersOf, type Turn } from "./turn.ts";

/*
 * How the note of who may go on alone changes (sole-note.ts). The operational node asks with its heartbeats; the other one writes the note,
 * and says so once it is on its disk; only then does the first one write it, and count on it once it is on its own. It is given up the
 * other way round. So whatever crashes in between, nobody counts on a note that the other one does not have.
 */

/** The number under which the operational node asks its peer to agree; 0: it does not ask. */
export function soleWish(state: NodeState, run: GroupRun): number {
  if (run.state !== "operational" || whenAloneOf(state.document) === "stop" || soleOf(state, run.name).node !== null) return 0;
  return nextNumber(state, run.name);
}

/** What a peer says of the note, in a heartbeat that is newer than all before. */
export function takeSole(turn: Turn, from: NodeId, { group, sole, soleWish: wish }: GroupState): void {
  const run = turn.state.groups[group];
  // It is between the two: a witness without a vote hears of it as well.
  if (run === undefined || ![from, turn.state.nodeId].every((node) => nodeVotersOf(turn.state.document).includes(node))) return;
  const own = soleOf(turn.state, group);
  if (isLater(sole, own)) {
    const isUseless = sole.node === turn.state.nodeId && run.state !== "operational";
    return setSole(turn, group, isUseless ? { number: sole.number + 1, node: null } : sole);
  }
  const mayRunHere = occupiedStates.has(run.state) || own.node === turn.state.nodeId;
  if (wish <= own.number || mayRunHere || whenAloneOf(turn.state.document) === "stop") return;
  setSole(turn, group, { number: wish, node: from });
}

/**
 * The right is given up where it is not needed: this node does not run the group and hears the other one, which may want to; or the
 * document has ended it, and no lease that was counted on it alone is still under way.
 */
export function giveUpSole(turn: Turn, name: GroupName): void {
  const { state, nowUs } = turn;
  const { number, node } = soleOf(state, name);
  if (node !== state.nodeId || !isSoleStored(state, name)) return;
  const run = groupOf(turn, name);
  const isUp = resourceStates.has(run.state);
  const isEnded = whenAloneOf(state.document) === "stop" && (!isUp || nowUs >= run.aloneUntilUs);
  const isIdle = !isUp && run.state !== "asking" && hearsPeer(state, nowUs);
  if (isEnded || isIdle) setSole(turn, name, { number: number + 1, node: null });
}

/** Whether whoever this node gives the group to may ask for it at once: what it had agreed to is off this node's disk. */
export function isSoleGivenUp(state: NodeState, name: GroupName, nowUs: MonotonicUs): boolean {
  return !hearsPeer(state, nowUs) || (soleOf(state, name).node !== state.nodeId && isSoleStored(state, name));
}

/** Takes the right without the other's word. Whoever calls this answers for it. Of two who do, the note of the higher epoch counts, as the epoch itself does. */
export function claimSole(turn: Turn, name: GroupName, epoch: number): void {
  setSole(turn, name, { number: Math.max(nextNumber(turn.state, name), epoch), node: turn.state.nodeId });
}

function setSole(turn: Turn, name: GroupName, sole: Sole): void {
  const soles = { ...turn.state.soles, [name]: sole };
  edit(turn, { soles });
  const { incarnation, reserved, recordedLong } = turn.state;
  turn.effects.push({ type: "persist", record: { incarnation, epochCeilings: reserved, longPromises: recordedLong, soles } });
}

/** Above every number that is known. */
function nextNumber(state: NodeState, name: GroupName): number {
  const told = Object.values(state.peers).map((peer) => peer.groups[name]?.sole.number ?? 0);
  return 1 + Math.max(soleOf(state, name).number, ...told);
}

/** What was claimed counts more than what was given up under the same number meanwhile; of two claims, that of the node with the higher id. */
function isLater(one: Sole, other: Sole): boolean {
  return one.number > other.number || (one.number === other.number && (one.node ?? "") > (other.node ?? ""));
}

function hearsPeer(state: NodeState, nowUs: MonotonicUs): boolean {
  return otherNodeVotersOf(state).some((peer) => reaches(state, peer, nowUs));
}
