import { majorityOf } from "../membership/quorum.ts";
import { type MonotonicUs, US_PER_MS, usFromMs } from "../time.ts";
import { runsOutAtUs, turnAtUs } from "./candidacy.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { entries, timingOf } from "./turn.ts";

/**
 * The next instant at which something is due. What may be late by a heartbeat interval (halts, failback, back-off) is
 * looked at with every heartbeat and not listed.
 */
export function nextWakeUs(state: NodeState, nowUs: MonotonicUs): MonotonicUs {
  const silentAfterUs = usFromMs(timingOf(state).silentAfterMs);
  const due = [
    state.nextHeartbeatUs,
    state.quietUntilUs,
    state.lateUntilUs,
    ...Object.values(state.peers).map((peer) => (peer.silent || peer.heardAtUs === null ? 0 : peer.heardAtUs + silentAfterUs)),
    ...entries(state.grants).map(([, grant]) => (grant.to === null ? 0 : grant.untilUs)),
    ...Object.values(state.groups).flatMap((run) => dueOf(state, run)),
    ...promisesElsewhere(state),
  ].filter((atUs) => atUs > nowUs);
  return due.length === 0 ? nowUs + US_PER_MS : Math.min(...due);
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

/** The instant at which enough of the others' promises have run out for this node to have a chance. */
function promisesElsewhere(state: NodeState): readonly MonotonicUs[] {
  const peers = Object.values(state.peers);
  return Object.values(state.groups).flatMap((run) => {
    if (run.state !== "standby") return [];
    const ends = peers.map((peer) => peer.grants[run.name]?.untilUs ?? 0).toSorted((a, b) => a - b);
    return ends.slice(0, majorityOf(peers.length + 1));
  });
}
