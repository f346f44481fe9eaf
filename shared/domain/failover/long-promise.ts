import type { GroupName, NodeId } from "../ids.ts";
import { isVoter } from "../membership/quorum.ts";
import { usFromMs } from "../time.ts";
import type { LongPromiseRecord } from "./durable-record.ts";
import { isBinding } from "./lease.ts";
import type { LeaseRefusal, LongRequest } from "./messages.ts";
import type { Grant, NodeState } from "./node-state.ts";
import { seenOf, send } from "./outbound.ts";
import { edit, entries, nextEnvelope, type Turn } from "./turn.ts";

/*
 * Rule 10, a voter's part. A promise that outlasts the silence of a fresh voter is made to the present holder only, beside its ordinary one,
 * and is on disk before anybody hears of it: a voter that starts again keeps it for its whole length from there.
 */

/** What is asked of a voter, or what a voter that will be away gives of its own accord. */
export type AskedForLong = Pick<LongPromiseRecord, "to" | "toIncarnation" | "epoch" | "requestId" | "forUs">;

type LongVerdict = "made" | "possible" | "ignored" | Pick<LeaseRefusal, "reason" | "holder">;

/** Whether this voter makes the promise, once it is on disk; whether it has made it; or why it does not. */
export function judgeLong(state: NodeState, group: GroupName, asked: AskedForLong, nowUs: number): LongVerdict {
  const held = state.grants[group];
  if (nowUs < state.quietUntilUs) return { reason: "just-started", holder: null };
  if (!isVoter(state.document, state.nodeId)) return "ignored";
  const isHolder = isBinding(held, nowUs) && nowUs < held.untilUs && held.to === asked.to && held.toIncarnation === asked.toIncarnation;
  if (!isHolder || asked.forUs > usFromMs(state.settings.longPromiseMsMax)) return { reason: "held-by-another", holder: held?.to ?? null };
  if (asked.epoch !== held.epoch) return { reason: "older-epoch", holder: held.to };
  if (asked.requestId <= held.longVoidUpTo) return "ignored";
  if (held.long === null || asked.requestId > held.long.requestId) return "possible";
  return asked.requestId === held.long.requestId && nowUs < held.long.untilUs ? "made" : "ignored";
}

/** From the holder, or in its name by nobody else. */
export function takeLongRequest(turn: Turn, request: LongRequest): void {
  const { state, nowUs } = turn;
  const { group, from, incarnation, requestId } = request;
  const asked = { to: from, toIncarnation: incarnation, epoch: request.epoch, requestId, forUs: request.forUs };
  if (asked.forUs === 0) return voidLong(turn, group, asked);
  const verdict = request.documentVersion < state.votersSinceVersion ? olderDocument : judgeLong(state, group, asked, nowUs);
  if (verdict === "made") return sayLong(turn, group, asked);
  if (verdict === "possible") return askDisk(turn, group, asked);
  if (verdict === "ignored") return;
  const refusal = { group, to: from, requestId, ...verdict, epoch: state.grants[group]?.epoch ?? 0, remainingUs: 0 };
  send(turn, from, { ...nextEnvelope(turn), type: "lease-refusal", ...refusal });
}

const olderDocument: LongVerdict = { reason: "older-document", holder: null };

/** The promise waits until it is on disk (`keepRecord` sees to that). */
export function askDisk(turn: Turn, group: GroupName, asked: AskedForLong): void {
  const pending = turn.state.pendingLong[group];
  if (pending !== undefined && pending.to === asked.to && pending.requestId >= asked.requestId) return;
  edit(turn, { pendingLong: { ...turn.state.pendingLong, [group]: { ...asked, documentVersion: turn.state.document.version } } });
}

/** These are on disk: they are made now, where nothing has changed since. */
export function makeLongPromises(turn: Turn, stored: Readonly<Record<GroupName, LongPromiseRecord>>): void {
  for (const [group, asked] of entries(turn.state.pendingLong)) {
    const { [group]: onDisk } = stored;
    if (onDisk === undefined || !isSame(onDisk, asked)) continue;
    const { [group]: _, ...pendingLong } = turn.state.pendingLong;
    const held = turn.state.grants[group];
    const isPossible = judgeLong(turn.state, group, asked, turn.nowUs) === "possible";
    edit(turn, { pendingLong });
    if (!isPossible || held === undefined) continue;
    const { requestId, forUs, epoch, documentVersion } = asked;
    const long = { requestId, forUs, epoch, documentVersion, untilUs: turn.nowUs + forUs };
    edit(turn, { grants: { ...turn.state.grants, [group]: { ...held, long } } });
    // One that is about to be away says it as it goes: a holder counts on the long promises of those that are away, and of nobody else.
    if (turn.state.detaching === null) sayLong(turn, group, asked);
  }
}

/** To a voter itself there is nothing to say. */
export function sayLong(turn: Turn, group: GroupName, { to, toIncarnation, epoch, requestId, forUs }: AskedForLong): void {
  if (to === turn.state.nodeId) return;
  const made = { group, to, toIncarnation, epoch, requestId, forUs, seen: seenOf(turn.state, to) };
  send(turn, to, { ...nextEnvelope(turn), type: "long-grant", ...made });
}

/** The holder's own word that it counts on none of these any more: only the ordinary promise is left. */
export function voidLong(turn: Turn, group: GroupName, { to, toIncarnation, requestId }: AskedForLong): void {
  const { [group]: pending, ...others } = turn.state.pendingLong;
  if (pending?.to === to && pending.requestId <= requestId) edit(turn, { pendingLong: others });
  const held = turn.state.grants[group];
  if (held === undefined || held.to !== to || held.toIncarnation !== toIncarnation) return;
  const long = held.long !== null && held.long.requestId <= requestId ? null : held.long;
  const grant: Grant = { ...held, long, longVoidUpTo: Math.max(held.longVoidUpTo, requestId) };
  edit(turn, { grants: { ...turn.state.grants, [group]: grant } });
}

/** What the disk must hold now. */
export function longPromisesOf(state: NodeState, nowUs: number): Readonly<Record<GroupName, LongPromiseRecord>> {
  // Asked for with every message, and hardly ever is there any.
  if (Object.values(state.grants).every(({ long }) => long === null)) return state.pendingLong;
  const made = entries(state.grants).flatMap(([group, { to, toIncarnation, long }]): [GroupName, LongPromiseRecord][] => {
    if (to === null || long === null || nowUs >= long.untilUs) return [];
    const { epoch, requestId, forUs, documentVersion } = long;
    return [[group, { to, toIncarnation, epoch, requestId, forUs, documentVersion }]];
  });
  return { ...(Object.fromEntries(made) as Record<GroupName, LongPromiseRecord>), ...state.pendingLong };
}

export function isSameRecord(
  one: Readonly<Record<GroupName, LongPromiseRecord>>,
  other: Readonly<Record<GroupName, LongPromiseRecord>>,
): boolean {
  if (one === other) return true;
  const known = entries(one);
  return (
    known.length === Object.keys(other).length &&
    known.every(([group, record]) => {
      const there = other[group];
      return there !== undefined && isSame(there, record);
    })
  );
}

function isSame(one: LongPromiseRecord, other: LongPromiseRecord): boolean {
  return one.to === other.to && one.toIncarnation === other.toIncarnation && one.requestId === other.requestId && one.epoch === other.epoch;
}

/** Whom this node's promise of the group binds it to, other than itself. */
export function promisedTo(state: NodeState, group: GroupName, nowUs: number): NodeId | null {
  const held = state.grants[group];
  return isBinding(held, nowUs) && held.to !== state.nodeId ? held.to : null;
}
