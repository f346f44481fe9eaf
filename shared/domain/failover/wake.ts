import { majorityOf } from "../membership/quorum.ts";
import { type MonotonicUs, US_PER_MS } from "../time.ts";
import { runsOutAtUs, turnAtUs } from "./candidacy.ts";
import { holdingStates } from "./group-states.ts";
import { boundUntilUs } from "./lease.ts";
import type { GroupRun, NodeState, PeerView } from "./node-state.ts";
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
    considerRun(state, run, nowUs, consider);
  }
  return nextUs === Number.POSITIVE_INFINITY ? nowUs + US_PER_MS : nextUs;
}

function considerRun(state: NodeState, run: GroupRun, nowUs: MonotonicUs, consider: (atUs: MonotonicUs) => void): void {
  if (holdingStates.has(run.state)) consider(runsOutAtUs(state, run.leaseEndUs));
  switch (run.state) {
    case "standby":
      return consider(nextChanceUs(state, run, nowUs));
    case "waiting":
      return consider(turnAtUs(state, run));
    case "asking":
      consider(run.askUntilUs);
      return consider(run.askAgainAtUs);
    case "handing-over":
    case "stepping-down":
      return consider(run.stopByUs);
    case "draining":
      return consider(run.drainUntilUs);
    case "just-started":
    case "starting":
    case "operational":
    case "isolated":
    case "safe-halt":
    case "left":
      return;
  }
}

/** When the next of the others' promises of a group runs out, as long as one more may give this node a chance. */
function nextChanceUs({ peers }: NodeState, { name }: GroupRun, nowUs: MonotonicUs): MonotonicUs {
  let [nextUs, others, free] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const { grants } of Object.values<PeerView>(peers)) {
    const untilUs = grants[name]?.untilUs ?? 0;
    others += 1;
    if (untilUs <= nowUs) free += 1;
    else if (untilUs < nextUs) nextUs = untilUs;
  }
  return free < majorityOf(others + 1) ? nextUs : Number.POSITIVE_INFINITY;
}
