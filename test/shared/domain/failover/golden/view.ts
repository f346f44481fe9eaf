import { failoverSettings } from "../../../../../shared/config/timing.ts";
import type { GroupStateName } from "../../../../../shared/domain/failover/group-states.ts";
import { holdingStates, occupiedStates } from "../../../../../shared/domain/failover/group-states.ts";
import type { GroupState, NodeStatus } from "../../../../../shared/domain/failover/messages.ts";
import type { GroupRun, NodeState, PeerView, Round } from "../../../../../shared/domain/failover/node-state.ts";
import { initialState } from "../../../../../shared/domain/failover/step.ts";
import type { NodeId, OriginId } from "../../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../../shared/domain/membership/cluster-document.ts";
import { newRhythm } from "../../../../../shared/domain/membership/failure-detector.ts";
import { mainPath } from "../../../../../shared/domain/membership/lan-path.ts";
import { usFromMs } from "../../../../../shared/domain/time.ts";
import { clusterDocument, dataSetName, groupName } from "../../../../simulation/cluster.ts";
import { a, b, c } from "../test-node.ts";

/** What node a sees of itself, in a word. */
export type Self = "fit" | "unfit" | "ending" | "quarantined" | "unlisted" | "failed before";

/** What node a sees of another. `deaf`: it is heard, but does not hear a. `holds`: it says that it runs the group. */
export type Peer = "fit" | "unfit" | "silent" | "deaf" | "holds" | "just started" | "quarantined";

/** One view of node a on the group `default` of a, b, c; everything that is not said is as in a healthy cluster. */
export interface View {
  readonly state: GroupStateName;
  readonly self: Self;
  readonly b: Peer;
  readonly c: Peer;
  /** Preferred first, as `abc`. */
  readonly order: string;
  /** Automatic failback, due: the preferred node has been fit for long enough. `frozen`: due, but the group has moved too often. */
  readonly failback: "manual" | "due" | "frozen";
  readonly lease: "good" | "runs out";
  /** Who has granted a's last request, as `ab`; for a candidate. */
  readonly votes: string;
  /** Whether the time for what is under way is up: a candidacy, a planned stop, the wait of a drain, a lease's end, the silence of a start. */
  readonly isTimeUp: boolean;
  /** What the look found, where the resources were stopped as planned to hand over to b. */
  readonly look: "open" | "b has all" | "b lacks 4";
}

export const nowMs = 100_000;
const nowUs = usFromMs(nowMs);
const ids: Readonly<Record<string, NodeId>> = { a, b, c };
const epoch = 5;
const origin = `${a}:1` as OriginId;

export function viewedState(view: View): NodeState {
  const document = documentOf(view);
  const first = initialState({
    nodeId: a,
    incarnation: 3,
    epochCeilings: { [groupName]: 100 },
    soles: {},
    longPromises: {},
    cleanStop: { grants: [] },
    detached: null,
    document,
    settings: failoverSettings,
    nowUs: 0,
  });
  const isReached = [view.b, view.c].some((peer) => peer !== "silent" && peer !== "deaf");
  return {
    ...first,
    phase: view.self === "ending" ? "shutting-down" : "running",
    shutdownReason: "its service is being stopped",
    quietUntilUs: view.state === "just-started" && !view.isTimeUp ? nowUs + 1_000 : 0,
    nextHeartbeatUs: nowUs + 50_000,
    wakeAtUs: nowUs,
    metQuorum: true,
    metAll: true,
    degraded: true,
    isQuarantined: view.self === "quarantined",
    quorumLostAtUs: isReached ? null : nowUs - 10_000_000,
    status: statusOf(view.self === "unfit", 10),
    peers: { [b]: peerOf(view, "b"), [c]: peerOf(view, "c") },
    groups: { [groupName]: runOf(view) },
    grants: { [groupName]: ownGrant(view) },
  };
}

function documentOf(view: View): ClusterDocument {
  const preference = view.order.split("").flatMap((letter) => ids[letter] ?? []);
  const groups = [{ name: groupName, failback: view.failback === "manual" ? ("manual" as const) : ("automatic" as const), preference }];
  const listed = view.self === "unlisted" ? groups.map((group) => ({ ...group, preference: [b, c] })) : groups;
  return clusterDocument(
    { whenAlone: "stop", documentTiming: "default", groups: listed, furtherPaths: 0, on: new Set(["replication"]) },
    7,
    [a, b, c],
  );
}

function statusOf(isUnfit: boolean, changes: number): NodeStatus {
  const dataSet = { name: dataSetName, phase: "following", vector: { [origin]: changes }, behind: 0 } as const;
  return {
    threadAgesMs: {},
    dataSets: [{ ...dataSet, unacknowledged: { changes: 0, oldestAgeMs: 0 } }],
    groupProblems: isUnfit ? { [groupName]: "its health check fails" } : {},
  };
}

function peerOf(view: View, name: "b" | "c"): PeerView {
  const standing = view[name];
  const isSilent = standing === "silent";
  const heardAtUs = isSilent ? nowUs - 5_000_000 : nowUs - 40_000;
  const holder = holderOf(view);
  const told: GroupState = {
    group: groupName,
    state: standing === "holds" ? "operational" : standing === "just started" ? "just-started" : "standby",
    epoch,
    highestAsked: epoch,
    holder,
    ineligible: standing === "unfit" ? "its health check fails" : standing === "just started" ? "it has just started" : null,
    released: null,
    moves: [],
    movesForgiven: 0,
    sole: { number: 0, node: null },
    soleWish: 0,
  };
  const promise =
    holder === null ? {} : { [groupName]: { to: holder, toIncarnation: holder === a ? 3 : 2, epoch, untilUs: nowUs + 400_000 } };
  return {
    incarnation: 2,
    sequence: 900,
    heartbeatSequence: 900,
    heardAtUs,
    heardSinceUs: nowUs - 60_000_000,
    paths: { [mainPath]: { sequence: 900, heardAtUs, silent: isSilent, told: false, rhythm: newRhythm(nowUs - 60_000_000) } },
    hearsUsAtUs: isSilent || standing === "deaf" ? nowUs - 5_000_000 : nowUs - 60_000,
    silent: isSilent,
    silentSinceUs: nowUs - 4_500_000,
    status: statusOf(standing === "unfit", name === "b" && view.look === "b lacks 4" ? 6 : 10),
    lastHeard: [],
    toldAtUs: heardAtUs,
    groups: { [groupName]: told },
    grants: promise,
    documentVersion: 7,
    documentSentAtUs: null,
    leaves: { atUs: [], quarantinedUntilUs: 0 },
    isLeaveCounted: isSilent,
    readmissions: 0,
    quarantinesUsUntilUs: view.self === "quarantined" ? nowUs + 60_000_000 : 0,
    quarantinedUntilUs: standing === "quarantined" ? nowUs + 60_000_000 : 0,
    awayUntilUs: 0,
  };
}

/** Whom the voters have promised the group, as a sees it. */
function holderOf(view: View): NodeId | null {
  if (view.b === "holds") return b;
  if (view.c === "holds") return c;
  return holdingStates.has(view.state) ? a : null;
}

function ownGrant(view: View): NodeState["grants"][string & keyof NodeState["grants"]] {
  const to = view.state === "asking" ? a : holderOf(view);
  const number = view.state === "asking" ? epoch + 1 : epoch;
  return { to, toIncarnation: 3, epoch: number, requestId: 40, untilUs: to === null ? 0 : nowUs + 500_000, long: null, longVoidUpTo: 0 };
}

function runOf(view: View): GroupRun {
  const { state, isTimeUp } = view;
  const isHolding = occupiedStates.has(state);
  const isAsking = state === "asking";
  const leaseEndUs = isHolding ? nowUs + (view.lease === "good" ? 450_000 : 100_000) : 0;
  const round: Round = { requestId: 40, sentUs: nowUs - 50_000, leaseUs: 600_000 };
  const promises = Object.fromEntries(view.votes.split("").flatMap((letter) => (ids[letter] === undefined ? [] : [[ids[letter], round]])));
  const started = initialState({
    nodeId: a,
    incarnation: 3,
    epochCeilings: {},
    soles: {},
    longPromises: {},
    cleanStop: { grants: [] },
    detached: null,
    document: documentOf(view),
    settings: failoverSettings,
    nowUs: 0,
  }).groups[groupName];
  if (started === undefined) throw new Error("the document names no group default");
  const dueUs = isTimeUp ? nowUs : nowUs + 150_000;
  return {
    ...started,
    state,
    sinceUs: nowUs - (state === "draining" || state === "handing-over" ? 1_000_000 : 90_000_000),
    reason: "as the view says",
    epochSeen: isAsking ? epoch + 1 : epoch,
    epoch: isHolding ? epoch : 0,
    ballot: isAsking ? epoch + 1 : epoch,
    rounds: isHolding || isAsking ? [round] : [],
    promises: isHolding || isAsking ? promises : {},
    leaseEndUs: isAsking && view.votes.length > 1 ? nowUs + 450_000 : leaseEndUs,
    refusals: {},
    askUntilUs: isAsking ? dueUs : 0,
    askAgainAtUs: isAsking ? nowUs + 20_000 : 0,
    freeSinceUs: isHolding || holderOf(view) !== null ? null : nowUs - 5_000_000,
    lastHolder: state === "starting" ? { node: b, epoch: 4 } : isHolding ? { node: a, epoch } : { node: view.c === "holds" ? c : b, epoch },
    wonAtUs: nowUs - 30_000,
    votesWon: 2,
    stopByUs:
      state === "handing-over" || state === "stepping-down"
        ? isTimeUp
          ? nowUs - 100_000
          : nowUs + (state === "handing-over" ? 5_000_000 : 100_000)
        : 0,
    handover: state === "handing-over" || state === "draining" ? { to: b, reason: "an operator asked for it", isFailback: false } : null,
    drainUntilUs: state === "draining" ? (isTimeUp ? nowUs : nowUs + 2_000_000) : 0,
    lookId: 1,
    lookedAt: view.look === "open" ? null : statusOf(false, 10).dataSets,
    startFailures: view.self === "failed before" ? 1 : 0,
    startFailure: view.self === "failed before" ? "it would not start" : "",
    notBeforeUs: view.self === "failed before" ? nowUs + 3_000_000 : 0,
    preferred: view.failback === "manual" || state !== "operational" ? null : { node: b, sinceUs: nowUs - 60_000_000 },
    moves: view.failback === "frozen" ? [1, 2, 3, 4].map((move) => ({ epoch: move, atUs: nowUs - (5 - move) * 60_000_000 })) : [],
    isFailbackFrozen: view.failback === "frozen",
  };
}
