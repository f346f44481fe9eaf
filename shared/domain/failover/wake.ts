import { majorityOf } from "../membership/quorum.ts";
import { type MonotonicUs, US_PER_MS } from "../time.ts";
import { runsOutAtUs, turnAtUs } from "./candidacy.ts";
import { boundUntilUs } from "./lease.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { type PathHearing, silentAtUs, suspicionOf } from "./path-watch.ts";
import { timingOf } from "./turn.ts";

/**
 * The next instant at which something is due. What may be late by a heartbeat interval (halts, failback, back-off) is
 * looked at with every heartbeat and not listed.
 */
export function nextWakeUs(state: NodeState, nowUs: MonotonicUs): MonotonicUs {
  const suspicion = suspicionOf(timingOf(state));
  // Asked for with every message, of which a site has hundreds a second: no lists where a number will do.
  let nextUs = Number.POSITIVE_INFINITY;
  const consider = (atUs: MonotonicUs): void => {
    if (atUs > nowUs && atUs < nextUs) nextUs = atUs;
  };
  consider(state.nextHeartbeatUs);
  consider(state.quietUntilUs);
  consider(state.lateUntilUs);
  if (state.detaching !== null) consider(state.detaching.untilUs);
  for (const peer of Object.values(state.peers)) {
    consider(peer.awayUntilUs);
    for (const path of Object.values<PathHearing>(peer.paths)) if (!path.silent) consider(silentAtUs(path, suspicion));
  }
  for (const grant of Object.values(state.grants)) if (grant.to !== null) consider(boundUntilUs(grant));
  for (const run of Object.values(state.groups)) {
    for (const atUs of dueOf(state, run)) consider(atUs);
    if (run.state === "standby") for (const atUs of promisesElsewhere(state, run)) consider(atUs);
  }
  return nextUs === Number.POSITIVE_INFINITY ? nowUs + US_PER_MS : nextUs;
}

function dueOf(state: NodeState, run: GroupRun): readonly MonotonicUs[] {
  switch (run.state) {
    case "waiting":
      return [turnAtUs(state, run)];
    case "asking":
      return [run.askUntilUs, run.askAgainAtUs];
    case "starting":
    case "operational":
      return [runsOutAtUs(state, run.leaseEndUs)];
    case "handing-over":
      return [runsOutAtUs(state, run.leaseEndUs), run.stopByUs];
    case "draining":
      return [runsOutAtUs(state, run.leaseEndUs), run.drainUntilUs];
    case "stepping-down":
      return [run.stopByUs];
    case "just-started":
    case "standby":
    case "isolated":
    case "safe-halt":
    case "left":
      return [];
  }
}

/** The instants at which so many of the others' promises of a group have run out that this node has a chance. */
function promisesElsewhere(state: NodeState, run: GroupRun): readonly MonotonicUs[] {
  const ends = Object.values(state.peers).map((peer) => peer.grants[run.name]?.untilUs ?? 0);
  return ends.toSorted((a, b) => a - b).slice(0, majorityOf(ends.length + 1));
}
