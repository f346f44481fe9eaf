import { type MonotonicUs, usFromMs } from "../time.ts";
import { applyDocument } from "./apply-document.ts";
import { beginDetaching, goOnDetaching, repeatLongRequests } from "./detach.ts";
import type { Effect } from "./effects.ts";
import { keepRecord, noteStored } from "./epoch-reserve.ts";
import type { NodeEvent } from "./events.ts";
import { holdingStates } from "./group-states.ts";
import { takeCopy, takeMessage } from "./inbound.ts";
import { renew } from "./lease-round.ts";
import { settleLongLease } from "./long-lease.ts";
import { makeLongPromises } from "./long-promise.ts";
import { keepLookout, takeProbed } from "./lookout.ts";
import type { NodeStatus } from "./messages.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { sendHeartbeats } from "./outbound.ts";
import { noticeLeaves, noticeQuarantine, readmit } from "./quarantine-watch.ts";
import { countAsRewound } from "./rewound.ts";
import { giveUpSole } from "./sole.ts";
import { takeOverAlone, takeOverWhereSilent } from "./takeover.ts";
import { move } from "./transition-table.ts";
import { edit, editGroup, entries, isMember, report, type Turn, timingOf } from "./turn.ts";
import { noticeUnfitHolder } from "./unfit-holder.ts";
import { nextWakeUs } from "./wake.ts";
import { noticeClosedConnection, noticeGroup, noticeLateness, noticeQuorum, noticeSilence } from "./watch.ts";

export { cleanStopOf } from "./clean-stop.ts";
export { initialState, type StartOptions } from "./initial-state.ts";
export type { NodeState } from "./node-state.ts";

export interface StepResult {
  readonly state: NodeState;
  readonly effects: readonly Effect[];
}

export type Step = (state: NodeState, event: NodeEvent, nowUs: MonotonicUs) => StepResult;

/**
 * One event in, the next state and what is to be done out. Pure: the same arguments give the same answer. Time comes first,
 * so that whatever the event says, no lease is believed in that has run out. `nowUs` never goes back. Throws where a belief
 * of the core is broken: the node must then be fenced.
 */
export function step(state: NodeState, event: NodeEvent, nowUs: MonotonicUs): StepResult {
  if (state.phase === "stopped") return { state, effects: [] };
  const turn: Turn = { nowUs, state, effects: [], heartbeatDue: false };
  noticeLateness(turn);
  if (nowUs >= state.wakeAtUs) {
    noticeSilence(turn);
    letTimePass(turn);
  }
  takeEvent(turn, event);
  // A copy tells of its way alone, and no row looks at ways: half of what arrives on two networks costs next to nothing.
  if (event.type !== "copy") letTimePass(turn);
  goOnDetaching(turn);
  keepRecord(turn);
  beat(turn);
  end(turn);
  const wakeAtUs = nextWakeUs(turn.state, nowUs);
  if (wakeAtUs !== turn.state.wakeAtUs) edit(turn, { wakeAtUs });
  if (wakeAtUs !== state.wakeAtUs || event.type === "tick") turn.effects.push({ type: "wake-at", atUs: wakeAtUs });
  return { state: turn.state, effects: turn.effects };
}

function takeEvent(turn: Turn, event: NodeEvent): void {
  switch (event.type) {
    case "tick":
      return;
    case "message":
      return takeMessage(turn, event.message, event.path);
    case "copy":
      return takeCopy(turn, event);
    case "connection-closed":
      return noticeClosedConnection(turn, event.peer, event.path);
    case "rewound":
      return countAsRewound(turn, turn.state.incarnation);
    case "document":
      applyDocument(turn, event);
      // Other timings may call silent what was not yet.
      return noticeSilence(turn);
    case "status":
      return takeStatus(turn, event.status);
    case "looked":
      if (turn.state.groups[event.group]?.lookId === event.lookId) editGroup(turn, event.group, { lookedAt: event.status.dataSets });
      return takeStatus(turn, event.status);
    case "resources-started":
    case "resources-failed":
    case "resources-stopped":
      // An answer to an order of an earlier epoch is about resources that are long gone.
      if (turn.state.groups[event.group]?.epoch === event.epoch) move(turn, event.group, event);
      return;
    case "switchover":
      return takeSwitchover(turn, event);
    case "readmit":
      return readmit(turn);
    case "probed":
      return takeProbed(turn, event);
    case "takeover":
      return takeOverAlone(turn, event);
    case "persisted":
      noteStored(turn, event.record);
      return makeLongPromises(turn, event.record.longPromises);
    case "detach":
      return beginDetaching(turn);
    case "shutdown":
      // A node that goes says so: its peers count how often one is merely gone.
      turn.heartbeatDue = true;
      return edit(turn, { phase: "shutting-down", shutdownReason: event.reason });
  }
}

/** Everything that follows from what the event has changed, and from the time. */
function letTimePass(turn: Turn): void {
  noticeLeaves(turn);
  noticeQuorum(turn);
  noticeQuarantine(turn);
  keepLookout(turn);
  for (const run of Object.values(turn.state.groups)) {
    noticeGroup(turn, run);
    takeOverWhereSilent(turn, run.name);
    move(turn, run.name, { type: "time" });
    noticeUnfitHolder(turn, run.name);
    giveUpSole(turn, run.name);
  }
}

function takeStatus(turn: Turn, status: NodeStatus): void {
  // Whoever is about to give this node a group, or to take one from it, shall know at once.
  if (!hasSameProblems(turn.state.status, status)) turn.heartbeatDue = true;
  edit(turn, { status });
  // A holder that is handing over waits to hear that this node has its changes.
  const isAwaited = Object.values(turn.state.peers).some((peer) =>
    Object.values(peer.groups).some((told) => told.state === "draining" || told.state === "handing-over"),
  );
  if (isAwaited) turn.heartbeatDue = true;
}

function hasSameProblems(before: NodeStatus | null, { groupProblems }: NodeStatus): boolean {
  const known = entries(before?.groupProblems ?? {});
  return known.length === Object.keys(groupProblems).length && known.every(([group, problem]) => groupProblems[group] === problem);
}

function takeSwitchover(turn: Turn, event: Extract<NodeEvent, { type: "switchover" }>): void {
  const run = turn.state.groups[event.group];
  if (run === undefined) return report(turn, { kind: "group.switchover-refused", group: event.group, reason: "there is no such group" });
  if (move(turn, event.group, event)) return;
  report(turn, { kind: "group.switchover-refused", group: event.group, reason: `this node does not run it (it is ${run.state})` });
}

/** Heartbeats and renewals: on time, and heartbeats at once where peers should know. */
function beat(turn: Turn): void {
  const { state, nowUs } = turn;
  if (state.phase === "stopped") return;
  const isDue = nowUs >= state.nextHeartbeatUs;
  if (isDue) {
    const intervalUs = usFromMs(timingOf(state).heartbeatIntervalMs);
    const nextUs = state.nextHeartbeatUs + intervalUs;
    edit(turn, { nextHeartbeatUs: nextUs > nowUs ? nextUs : nowUs + intervalUs });
    for (const run of Object.values(turn.state.groups)) {
      if (!holdingStates.has(run.state)) continue;
      renew(turn, run.name);
      if (state.detaching === null) settleLongLease(turn, run.name);
    }
    repeatLongRequests(turn);
  }
  if ((isDue || turn.heartbeatDue) && isMember(turn.state)) sendHeartbeats(turn);
}

/** Forgets groups that are gone; says when an ending agent holds nothing any more. */
function end(turn: Turn): void {
  const { groups, document, phase } = turn.state;
  const isGone = (run: GroupRun): boolean => run.state === "left" && !document.groups.some((group) => group.name === run.name);
  if (Object.values(groups).some(isGone)) {
    edit(turn, { groups: Object.fromEntries(Object.entries(groups).filter(([, run]) => !isGone(run))) });
  }
  if (phase !== "shutting-down" || !Object.values(groups).every((run) => run.state === "left")) return;
  edit(turn, { phase: "stopped" });
  turn.effects.push({ type: "released-everything" });
}
