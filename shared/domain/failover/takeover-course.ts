import type { NodeId } from "../ids.ts";
import type { AddressLook, TakeoverCourse } from "../monitoring/takeover-course.ts";
import { type MonotonicUs, msFromUs } from "../time.ts";
import type { GroupRun, LastSigns, NodeState } from "./node-state.ts";
import { entries } from "./turn.ts";

/** Kept when a group is won: what comes of the old holder while the resources start is no sign of before. */
export function lastSignsOf(state: NodeState, node: NodeId | null): LastSigns {
  const peer = node === null ? undefined : state.peers[node];
  if (peer === undefined) return { heardAtUs: null, silentSinceUs: null, paths: {} };
  return {
    heardAtUs: peer.heardAtUs,
    silentSinceUs: peer.silent && peer.heardAtUs !== null ? peer.silentSinceUs : null,
    paths: peer.paths,
  };
}

/** The record of a takeover whose resources run from now on. The instants are kept as they were; what the others had heard is as they have told by now. */
export function takeoverCourse(
  state: NodeState,
  { won, lastHolder }: GroupRun,
  addresses: readonly AddressLook[],
  nowUs: MonotonicUs,
): TakeoverCourse {
  const before = (atUs: MonotonicUs): number => Math.max(0, Math.round(msFromUs(nowUs - atUs)));
  const beforeOrNull = (atUs: MonotonicUs | null): number | null => (atUs === null ? null : before(atUs));
  const { heardAtUs, silentSinceUs, paths } = won.lastSigns;
  const from = lastHolder?.node ?? null;
  return {
    heardBeforeMs: beforeOrNull(heardAtUs),
    silentBeforeMs: beforeOrNull(silentSinceUs),
    paths: entries(paths).map(([path, hearing]) => ({ path, heardBeforeMs: beforeOrNull(hearing.heardAtUs) })),
    heardByOthers: from === null || from === state.nodeId ? [] : heardByOthers(state, from, beforeOrNull),
    freeBeforeMs: before(won.freeSinceUs),
    askedBeforeMs: before(won.askedAtUs),
    addressesQuietForMs: won.quietForUs === null ? null : Math.round(msFromUs(won.quietForUs)),
    addresses: addresses.map(({ address, probedUs, probeEndedUs, answeredBy, upUs, sighting }) => ({
      address,
      probedBeforeMs: before(probedUs),
      probeEndedBeforeMs: before(probeEndedUs),
      answeredBy,
      upBeforeMs: before(upUs),
      ...(sighting === undefined
        ? {}
        : { sighting: { answeredBeforeMs: before(sighting.answeredUs), unansweredBeforeMs: before(sighting.unansweredUs) } }),
    })),
  };
}

function heardByOthers(
  state: NodeState,
  from: NodeId,
  beforeOrNull: (atUs: MonotonicUs | null) => number | null,
): TakeoverCourse["heardByOthers"] {
  const inReach = entries(state.peers).filter(([node, peer]) => node !== from && !peer.silent && peer.heartbeatSequence >= 0);
  return inReach.map(([node, { lastHeard, toldAtUs }]) => {
    const heard = lastHeard.find((one) => one.node === from);
    return { node, heardBeforeMs: beforeOrNull(heard === undefined ? null : toldAtUs - heard.ageUs) };
  });
}
