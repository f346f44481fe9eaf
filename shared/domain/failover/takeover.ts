import type { GroupName } from "../ids.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import { orderOf } from "../priority/candidate-order.ts";
import { type DurationUs, msFromUs, usFromMs } from "../time.ts";
import { ineligibilityBesideQuorum } from "./eligibility.ts";
import type { NodeEvent } from "./events.ts";
import { occupiedStates } from "./group-states.ts";
import { isBinding } from "./lease.ts";
import { gatewayForUs, hasAddress, isLookingOut, quietForUs } from "./lookout.ts";
import type { NodeState } from "./node-state.ts";
import { hasHeardBeat } from "./reach.ts";
import { epochLeap } from "./rewound.ts";
import { claimSole } from "./sole.ts";
import { boundTo, mayGoOnAlone, soleOf } from "./sole-note.ts";
import { editGroup, groupOf, leaseUsOf, otherNodeVotersOf, report, type Turn } from "./turn.ts";

/** An operator has this node go on alone, and answers for the other one being down. */
export function takeOverAlone(turn: Turn, { group, reason }: Extract<NodeEvent, { type: "takeover" }>): void {
  const refusal = takeoverRefusal(turn.state, group, turn.nowUs);
  if (refusal !== null) return report(turn, { kind: "group.takeover-refused", group, reason: refusal });
  claim(turn, group, "operator", reason);
}

/**
 * `whenAlone: probe`: nobody answers for the group's addresses, for one T on end, while a gateway answers; and nothing binds this node to the
 * other one any more but the note.
 */
export function takeOverWhereSilent(turn: Turn, group: GroupName): void {
  const { state, nowUs } = turn;
  if (!isLookingOut(state, nowUs) || !hasAddress(state, group)) return;
  const run = groupOf(turn, group);
  if (occupiedStates.has(run.state) || soleOf(state, group).node === state.nodeId) return;
  const own = state.grants[group];
  if ((isBinding(own, nowUs) && own.to !== state.nodeId) || isBooting(state, nowUs)) return;
  // What a node that is cut off itself does not hear is no silence.
  const quietUs = Math.min(quietForUs(state, group, nowUs) ?? 0, gatewayForUs(state, "answers", nowUs) ?? 0);
  if (quietUs < leaseUsOf(state) || nowUs < run.sinceUs + headStartUs(state, group)) return;
  if (ineligibilityBesideQuorum(state, run, nowUs) !== null) return;
  claim(turn, group, "probe", `nobody has answered for its addresses for ${Math.round(msFromUs(quietUs))} ms, while a gateway answers`);
}

/** The other one may have used any number meanwhile, so this one goes far above: when the two hear each other again the higher one counts, and the other steps down. */
function claim(turn: Turn, group: GroupName, by: "operator" | "probe", reason: string): void {
  const { state, nowUs } = turn;
  const from = boundTo(state, group) ?? otherNodeVotersOf(state)[0] ?? null;
  const heardAtUs = from === null ? null : (state.peers[from]?.heardAtUs ?? null);
  const silentMs = heardAtUs === null ? null : Math.round(msFromUs(nowUs - heardAtUs));
  const epoch = groupOf(turn, group).epochSeen + epochLeap;
  claimSole(turn, group, epoch);
  editGroup(turn, group, { epochSeen: epoch });
  report(turn, { kind: "group.claimed", group, epoch, from, silentMs, by, reason });
}

/** A site whose two nodes boot at the same time is given time to find itself. */
function isBooting(state: NodeState, nowUs: number): boolean {
  return !hasHeardBeat(state) && nowUs - state.startedAtUs < usFromMs(state.settings.startPatienceMs);
}

/** Where they had not agreed who goes on, the preferred node is ahead by as much as its addresses need to be heard of. */
function headStartUs(state: NodeState, group: GroupName): DurationUs {
  const isPreferred = boundTo(state, group) !== null || orderOf(state, group)[0] === state.nodeId;
  return isPreferred ? 0 : 2 * leaseUsOf(state);
}

/** Why this node does not go on alone at an operator's word; null where it does. */
function takeoverRefusal(state: NodeState, group: GroupName, nowUs: number): string | null {
  const run = state.groups[group];
  if (run === undefined) return "there is no such group";
  if (occupiedStates.has(run.state)) return "this node runs it already, or still stops it";
  const heard = otherNodeVotersOf(state).find((node) => state.peers[node]?.silent === false);
  if (heard !== undefined) return `${heard} is heard: move the group with understudy agent switchover`;
  if (mayGoOnAlone(state, group)) return "this node may go on alone already, and takes the group by itself once it is fit";
  if (boundTo(state, group) === null && whenAloneOf(state.document) === "stop") {
    return "in this cluster a majority decides (whenAlone: stop, or more than two voters); remove the node that is down for good in the console";
  }
  return ineligibilityBesideQuorum(state, run, nowUs);
}
