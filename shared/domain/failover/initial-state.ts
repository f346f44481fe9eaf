import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import { participantsOf } from "../membership/members.ts";
import { noLeaves } from "../membership/quarantine.ts";
import { type MonotonicUs, usFromMs } from "../time.ts";
import type { CleanStop, Detached, DurableRecord, LongPromiseRecord } from "./durable-record.ts";
import type { FailoverSettings } from "./failover-settings.ts";
import type { Grant, GroupRun, NodeState, PeerView } from "./node-state.ts";
import { pathsTo } from "./path-watch.ts";
import { entries } from "./turn.ts";

export interface StartOptions {
  readonly nodeId: NodeId;
  /** The stored one plus one, already stored (durable-record.ts). */
  readonly incarnation: number;
  /** As stored; empty at the first start. */
  readonly epochCeilings: Readonly<Record<GroupName, number>>;
  readonly soles: DurableRecord["soles"];
  /** Null unless this boot's last run ended cleanly and left its proof. */
  readonly cleanStop: CleanStop | null;
  /** As stored. */
  readonly longPromises: Readonly<Record<GroupName, LongPromiseRecord>>;
  /** What an agent has left that was only to be started anew; its resources still run. Takes the place of a clean stop. */
  readonly detached: Detached | null;
  readonly document: ClusterDocument;
  /** As kept beside the document: from which version on it has surely had its voters. Left out: from its own. */
  readonly votersSinceVersion?: number;
  readonly settings: FailoverSettings;
  readonly nowUs: MonotonicUs;
}

/** A node at its start: it knows who belongs to the cluster, and nothing of what its peers have promised each other. */
export function initialState(options: StartOptions): NodeState {
  const { nodeId, incarnation, epochCeilings, soles, longPromises, detached, document, settings, nowUs } = options;
  const cleanStop = detached ?? options.cleanStop;
  // Rule 4: an earlier run may have granted anything; only a proof of what it granted makes the wait needless.
  const quietUntilUs = cleanStop === null ? nowUs + usFromMs(settings.leaseMsMax) : nowUs;
  const members = participantsOf(document);
  const isHere = members.includes(nodeId);
  const state = isHere ? (cleanStop === null ? "just-started" : "standby") : "left";
  const names = document.groups.map((group) => group.name);
  const isSameDocument = detached?.documentVersion === document.version;
  return {
    nodeId,
    settings,
    document,
    // A document that came meanwhile may have other voters.
    votersSinceVersion: isSameDocument ? detached.votersSinceVersion : (options.votersSinceVersion ?? document.version),
    incarnation,
    sequence: detached?.sequence ?? 0,
    requestId: detached?.requestId ?? 0,
    startedAtUs: nowUs,
    phase: "running",
    shutdownReason: "",
    quietUntilUs,
    lateUntilUs: nowUs,
    votersSettleAtUs: detached === null ? nowUs : isSameDocument ? detached.votersSettleAtUs : nowUs + usFromMs(settings.leaseMsMax),
    // Before the first version there was nothing.
    earlierLeaseMs: document.version === 1 ? 0 : isSameDocument ? detached.earlierLeaseMs : settings.leaseMsMax,
    nextHeartbeatUs: nowUs,
    wakeAtUs: nowUs,
    metQuorum: false,
    metAll: false,
    quorumLostAtUs: nowUs,
    degraded: false,
    readmissions: detached?.readmissions ?? 0,
    isQuarantined: false,
    status: null,
    peers: Object.fromEntries(
      members.flatMap((member) => (member === nodeId ? [] : [[member, unheardPeer(document, nodeId, member, nowUs)]])),
    ),
    groups: {
      ...Object.fromEntries(names.map((name) => [name, newGroup(name, state, epochCeilings[name] ?? 0, nowUs)])),
      ...heldGroups(options),
    },
    grants: { ...promisedBefore(epochCeilings), ...(cleanStop === null ? promisedForLong(options) : keptGrants(cleanStop)) },
    stored: epochCeilings,
    reserved: epochCeilings,
    soles,
    solesStored: soles,
    pendingLong: {},
    recordedLong: longPromises,
    lookout: null,
    detaching: null,
  };
}

export function unheardPeer(document: ClusterDocument, self: NodeId, node: NodeId, nowUs: MonotonicUs): PeerView {
  return {
    incarnation: 0,
    sequence: -1,
    heartbeatSequence: -1,
    heardAtUs: null,
    hearsUsAtUs: null,
    silent: true,
    silentSinceUs: nowUs,
    heardSinceUs: nowUs,
    paths: pathsTo(document, self, node, {}, nowUs),
    status: null,
    lastHeard: [],
    toldAtUs: nowUs,
    groups: {},
    grants: {},
    documentVersion: 0,
    documentSentAtUs: null,
    leaves: noLeaves,
    isLeaveCounted: false,
    readmissions: 0,
    quarantinesUsUntilUs: 0,
    quarantinedUntilUs: 0,
    awayUntilUs: 0,
  };
}

export function newGroup(name: GroupName, state: GroupRun["state"], epochSeen: number, nowUs: MonotonicUs): GroupRun {
  return {
    name,
    state,
    sinceUs: nowUs,
    reason: "the agent has started",
    epochSeen,
    epoch: 0,
    ballot: 0,
    outbidBy: 0,
    rounds: [],
    promises: {},
    longRound: null,
    long: {},
    longVoidUpTo: 0,
    longFreeAtUs: 0,
    leaseEndUs: 0,
    witnessFreed: 0,
    aloneUntilUs: 0,
    refusals: {},
    askUntilUs: 0,
    askAgainAtUs: 0,
    attempts: 0,
    freeSinceUs: null,
    lastHolder: null,
    heardRelease: null,
    released: null,
    wonAtUs: 0,
    won: {
      isAsPlanned: false,
      behind: 0,
      freeSinceUs: nowUs,
      askedAtUs: nowUs,
      quietForUs: null,
      lastSigns: { heardAtUs: null, silentSinceUs: null, paths: {} },
    },
    votesWon: 0,
    stopByUs: 0,
    handover: null,
    drainUntilUs: 0,
    lookId: 0,
    lookedAt: null,
    startFailures: 0,
    startFailure: "",
    notBeforeUs: 0,
    unfitHolder: null,
    preferred: null,
    failbacksGivenUp: 0,
    moves: [],
    movesForgiven: 0,
    isFailbackFrozen: false,
  };
}

/** What is on disk as reserved counts as promised: so no epoch is ever promised twice (S4). */
function promisedBefore(epochCeilings: Readonly<Record<GroupName, number>>): Record<GroupName, Grant> {
  const used = entries(epochCeilings).map(([group, epoch]): [GroupName, Grant] => [
    group,
    { to: null, toIncarnation: 0, epoch, requestId: 0, untilUs: 0, long: null, longVoidUpTo: 0 },
  ]);
  return Object.fromEntries(used) as Record<GroupName, Grant>;
}

/**
 * Rule 10: for its whole length from here, since nobody knows how long ago it was made. One to this node itself has ended: its start has taken
 * down what it held.
 */
function promisedForLong({ nodeId, epochCeilings, longPromises, nowUs }: StartOptions): Record<GroupName, Grant> {
  const kept = entries(longPromises).flatMap(([group, { to, toIncarnation, ...made }]): [GroupName, Grant][] => {
    if (to === nodeId) return [];
    const long = { ...made, untilUs: nowUs + made.forUs };
    const epoch = Math.max(epochCeilings[group] ?? 0, made.epoch);
    return [[group, { to, toIncarnation, epoch, requestId: 0, untilUs: 0, long, longVoidUpTo: 0 }]];
  });
  return Object.fromEntries(kept) as Record<GroupName, Grant>;
}

/** What this node held when its agent left, it holds still, under the same epoch; also where a newer document knows no such group any more. */
function heldGroups({ nodeId, detached, epochCeilings, soles, nowUs }: StartOptions): Record<GroupName, GroupRun> {
  const held = (detached?.held ?? []).map(({ group, ...kept }): [GroupName, GroupRun] => [
    group,
    {
      ...newGroup(group, "operational", epochCeilings[group] ?? 0, nowUs),
      ...kept,
      // It may have counted on its own vote alone.
      aloneUntilUs: soles[group]?.node === nodeId ? kept.leaseEndUs : 0,
      reason: "its resources ran on while the agent was started anew",
      lastHolder: { node: nodeId, epoch: kept.epoch },
    },
  ]);
  return Object.fromEntries(held) as Record<GroupName, GroupRun>;
}

/** The promises of the last run go on as they were. */
function keptGrants(cleanStop: CleanStop): Record<GroupName, Grant> {
  const kept = cleanStop.grants.map(({ group, ...grant }): [GroupName, Grant] => [group, grant]);
  return Object.fromEntries(kept) as Record<GroupName, Grant>;
}
