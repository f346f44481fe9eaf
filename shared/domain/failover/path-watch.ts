import type { NodeId, PathName } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import { newRhythm, type Rhythm, type Suspicion, suspectAfterUs, withPause } from "../membership/failure-detector.ts";
import { mainPath, pathsBetween } from "../membership/lan-path.ts";
import type { TimingProfile } from "../membership/timing-profile.ts";
import { type MonotonicUs, msFromUs, usFromMs } from "../time.ts";
import type { NodeState, PeerView } from "./node-state.ts";
import { editPeer, entries, report, type Turn, timingOf } from "./turn.ts";

/** One peer on one path. */
export interface PathHearing {
  /** Of the newest message that came this way. */
  readonly sequence: number;
  /** Null while nothing has come this way since this node's own start. */
  readonly heardAtUs: MonotonicUs | null;
  readonly silent: boolean;
  /** Whether an event has told of the silence. */
  readonly told: boolean;
  readonly rhythm: Rhythm;
}

export type PathHearings = Readonly<Record<PathName, PathHearing>>;

/** A pause this many heartbeats longer than the longest of late is one too long; so many heartbeats make one window. */
const [graceBeats, windowBeats] = [2, 100];

export function suspicionOf({ suspectAfterMs, heartbeatIntervalMs }: TimingProfile): Suspicion {
  const intervalUs = usFromMs(heartbeatIntervalMs);
  return {
    leastUs: usFromMs(suspectAfterMs.least),
    usualUs: usFromMs(suspectAfterMs.usual),
    mostUs: usFromMs(suspectAfterMs.most),
    graceUs: graceBeats * intervalUs,
    windowUs: windowBeats * intervalUs,
  };
}

/** When this path falls silent if nothing more comes. */
export function silentAtUs({ heardAtUs, rhythm }: PathHearing, suspicion: Suspicion): MonotonicUs {
  return (heardAtUs ?? 0) + suspectAfterUs(rhythm, suspicion);
}

/** The paths to a peer that this document names; what is known of each stays. */
export function pathsTo(document: ClusterDocument, self: NodeId, node: NodeId, known: PathHearings, nowUs: MonotonicUs): PathHearings {
  const [from, to] = [self, node].map((id) => document.nodes.find(({ nodeId }) => nodeId === id));
  const names = to === undefined ? [mainPath] : pathsBetween(from, to).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, known[name] ?? unheardPath(nowUs)]));
}

function unheardPath(nowUs: MonotonicUs): PathHearing {
  return { sequence: -1, heardAtUs: null, silent: true, told: false, rhythm: newRhythm(nowUs) };
}

/**
 * A sign of life came this way: what is known of the peer's paths from now on. Whatever comes by a path that only the sender's newer document names
 * counts for the first.
 */
export function pathsHeard(
  turn: Turn,
  node: NodeId,
  peer: Pick<PeerView, "paths" | "heardSinceUs">,
  path: PathName,
  sequence: number,
): PathHearings {
  const { state, nowUs } = turn;
  const name = peer.paths[path] === undefined ? mainPath : path;
  const hearing = peer.paths[name];
  // One that others have overtaken on the same way says nothing about now.
  if (hearing === undefined || sequence <= hearing.sequence) return peer.paths;
  const pauseUs = hearing.heardAtUs === null ? 0 : nowUs - hearing.heardAtUs;
  const rhythm = withPause(hearing.rhythm, pauseUs, nowUs, suspicionOf(timingOf(state)));
  if (hearing.told) {
    const silentUs = nowUs - (hearing.heardAtUs ?? peer.heardSinceUs);
    report(turn, { kind: "path.heard", node, path: name, silentMs: Math.round(msFromUs(silentUs)) });
  }
  const paths = { ...peer.paths, [name]: { sequence, heardAtUs: nowUs, silent: false, told: false, rhythm } };
  return tellSilentPaths(turn, node, paths, peer.heardSinceUs);
}

/** Another path of a peer that is heard has been silent for long enough to say so: one of several ways is lost, and nothing moves for it. */
function tellSilentPaths(turn: Turn, node: NodeId, paths: PathHearings, heardSinceUs: MonotonicUs): PathHearings {
  if (Object.values(paths).every(({ silent }) => !silent)) return paths;
  const patienceUs = usFromMs(turn.state.settings.pathPatienceMs);
  let told = paths;
  for (const [path, hearing] of entries(paths)) {
    // For how long nothing has come this way although the peer was there: what came before it fell silent altogether is another matter.
    const missedUs = turn.nowUs - Math.max(hearing.heardAtUs ?? 0, heardSinceUs);
    if (!hearing.silent || hearing.told || missedUs < patienceUs) continue;
    told = { ...told, [path]: { ...hearing, told: true } };
    report(turn, { kind: "path.silent", node, path, silentMs: Math.round(msFromUs(missedUs)) });
  }
  return told;
}

/** Marks what has been quiet for too long. True where the peer has no path left. */
export function loseQuietPaths(turn: Turn, node: NodeId, suspicion: Suspicion): boolean {
  for (const [path, hearing] of entries(turn.state.peers[node]?.paths ?? {})) {
    if (!hearing.silent && turn.nowUs >= silentAtUs(hearing, suspicion)) editPath(turn, node, path, { silent: true });
  }
  return hasLostAllPaths(turn.state, node);
}

export function losePath(turn: Turn, node: NodeId, path: PathName): boolean {
  if (turn.state.peers[node]?.paths[path] !== undefined) editPath(turn, node, path, { silent: true });
  return hasLostAllPaths(turn.state, node);
}

function hasLostAllPaths(state: NodeState, node: NodeId): boolean {
  return Object.values(state.peers[node]?.paths ?? {}).every(({ silent }) => silent);
}

/** A path of a node that was itself late is as young as if it had looked in time. */
export function asIfHeardLater(paths: PathHearings, later: (atUs: MonotonicUs | null) => MonotonicUs | null): PathHearings {
  return Object.fromEntries(entries(paths).map(([name, path]) => [name, { ...path, heardAtUs: later(path.heardAtUs) }]));
}

/** The peer was started anew: its messages are counted from the beginning. */
export function asOfNewRun(paths: PathHearings): PathHearings {
  return Object.fromEntries(entries(paths).map(([name, path]) => [name, { ...path, sequence: -1 }]));
}

function editPath(turn: Turn, node: NodeId, path: PathName, patch: Partial<PathHearing>): void {
  const paths = turn.state.peers[node]?.paths ?? {};
  const hearing = paths[path] ?? unheardPath(turn.nowUs);
  editPeer(turn, node, { paths: { ...paths, [path]: { ...hearing, ...patch } } });
}
