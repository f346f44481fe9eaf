import type { GroupName } from "../ids.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import { msFromUs } from "../time.ts";
import { ineligibilityBesideQuorum } from "./eligibility.ts";
import type { NodeEvent } from "./events.ts";
import { holdingStates, resourceStates } from "./group-states.ts";
import type { NodeState } from "./node-state.ts";
import { epochLeap } from "./rewound.ts";
import { claimSole } from "./sole.ts";
import { boundTo, mayGoOnAlone } from "./sole-note.ts";
import { editGroup, groupOf, otherNodeVotersOf, report, type Turn } from "./turn.ts";

/**
 * An operator has this node go on alone. The other one may have used any number meanwhile, so this one goes far above: when the two hear
 * each other again the higher one counts, and the other steps down.
 */
export function takeOverAlone(turn: Turn, { group, reason }: Extract<NodeEvent, { type: "takeover" }>): void {
  const { state, nowUs } = turn;
  const refusal = takeoverRefusal(state, group, nowUs);
  if (refusal !== null) return report(turn, { kind: "group.takeover-refused", group, reason: refusal });
  const from = boundTo(state, group) ?? otherNodeVotersOf(state)[0] ?? null;
  const heardAtUs = from === null ? null : (state.peers[from]?.heardAtUs ?? null);
  const silentMs = heardAtUs === null ? null : Math.round(msFromUs(nowUs - heardAtUs));
  const epoch = groupOf(turn, group).epochSeen + epochLeap;
  claimSole(turn, group, epoch);
  editGroup(turn, group, { epochSeen: epoch });
  report(turn, { kind: "group.claimed", group, epoch, from, silentMs, reason });
}

/** Why this node does not go on alone at an operator's word; null where it does. */
function takeoverRefusal(state: NodeState, group: GroupName, nowUs: number): string | null {
  const run = state.groups[group];
  if (run === undefined) return "there is no such group";
  if (holdingStates.has(run.state) || resourceStates.has(run.state)) return "this node runs it already, or still stops it";
  const heard = otherNodeVotersOf(state).find((node) => state.peers[node]?.silent === false);
  if (heard !== undefined) return `${heard} is heard: move the group with understudy agent switchover`;
  if (mayGoOnAlone(state, group)) return "this node may go on alone already, and takes the group by itself once it is fit";
  if (boundTo(state, group) === null && whenAloneOf(state.document) === "stop") {
    return "in this cluster a majority decides (whenAlone: stop, or more than two voters); remove the node that is down for good in the console";
  }
  return ineligibilityBesideQuorum(state, run, nowUs);
}
