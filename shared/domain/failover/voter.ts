import type { NodeId } from "../ids.ts";
import { isVoter } from "../membership/quorum.ts";
import { type DurationUs, usFromMs } from "../time.ts";
import { resourceStates } from "./group-states.ts";
import { boundUntilUs, isBinding } from "./lease.ts";
import type { LeaseRefusal, LeaseRequest } from "./messages.ts";
import type { Grant, NodeState } from "./node-state.ts";
import { boundTo } from "./sole-note.ts";

export type Verdict =
  | { readonly granted: true; readonly grant: Grant }
  | { readonly granted: false; readonly reason: LeaseRefusal["reason"]; readonly holder: NodeId | null; readonly remainingUs: DurationUs };

/** What a voter looks at. A node's own requests are judged by the same rules (rule 8). */
export type Asked = Pick<LeaseRequest, "from" | "incarnation" | "documentVersion" | "group" | "epoch" | "leaseUs" | "requestId">;

/** Rules 1, 4, 6 and 7 in one place: whether this voter promises the group to the asker. Null: nothing to answer, since it is a repeat or this node has no vote. */
export function judge(state: NodeState, asked: Asked, nowUs: number): Verdict | null {
  const held = state.grants[asked.group];
  if (nowUs < state.quietUntilUs) return refuse("just-started", null, state.quietUntilUs - nowUs);
  if (asked.documentVersion < state.votersSinceVersion) return refuse("older-document");
  // An asker with a newer document than this node's knows better who votes.
  if (asked.documentVersion <= state.document.version && !isVoter(state.document, state.nodeId)) return null;
  if (!isCandidate(state, asked)) return refuse("not-a-candidate");
  const sole = boundTo(state, asked.group);
  if (sole !== null && asked.from !== sole) return refuse("held-by-another", sole);
  if (asked.from !== state.nodeId && resourceStates.has(state.groups[asked.group]?.state ?? "")) {
    return refuse("held-by-another", state.nodeId, isBinding(held, nowUs) ? boundUntilUs(held) - nowUs : 0);
  }
  const isSame = held !== undefined && held.to === asked.from && held.toIncarnation === asked.incarnation;
  if (!isSame && isBinding(held, nowUs)) return refuse("held-by-another", held.to, boundUntilUs(held) - nowUs);
  if (isSame && asked.requestId <= held.requestId) {
    // Said again, or overtaken by a later one: the promise stands as it is, and is not made longer.
    return isBinding(held, nowUs) && asked.epoch === held.epoch ? { granted: true, grant: held } : null;
  }
  const promised = held?.epoch ?? 0;
  const isNewer = asked.epoch > promised || (isSame && asked.epoch === promised);
  if (!isNewer) return refuse("older-epoch");
  if (asked.epoch > (state.stored[asked.group] ?? 0)) return refuse("epoch-not-stored");
  const leaseUs = Math.min(asked.leaseUs, usFromMs(state.settings.leaseMsMax));
  return {
    granted: true,
    grant: {
      to: asked.from,
      toIncarnation: asked.incarnation,
      epoch: asked.epoch,
      requestId: asked.requestId,
      // The holder may count on what it was promised before, and not hear of this: a renewal shortens nothing.
      untilUs: Math.max(nowUs + leaseUs, isSame ? held.untilUs : 0),
      long: isSame ? held.long : null,
      longVoidUpTo: isSame ? held.longVoidUpTo : 0,
    },
  };
}

function isCandidate(state: NodeState, asked: Asked): boolean {
  const group = state.document.groups.find((candidate) => candidate.name === asked.group);
  return group?.order.includes(asked.from) === true && isVoter(state.document, asked.from);
}

function refuse(reason: LeaseRefusal["reason"], holder: NodeId | null = null, remainingUs = 0): Verdict {
  return { granted: false, reason, holder, remainingUs };
}
