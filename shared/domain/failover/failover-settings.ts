import type { QuarantineSettings } from "../membership/quarantine.ts";
import type { TimingProfiles } from "../membership/timing-profile.ts";

/** Everything that the core is told about time and bounds; production's values are shared/config/timing.ts. */
export interface FailoverSettings {
  readonly profiles: TimingProfiles;
  /** T_max of rule 4: a voter that has just started grants nothing for this long, and never grants for longer. */
  readonly leaseMsMax: number;
  /** The longest promise that a voter makes to the present holder, on disk before it is made (rule 10). */
  readonly longPromiseMsMax: number;
  /** What outlives a hung agent has renewed itself under a long lease for this long at most: voters are let go only so long after the lease has become an ordinary one. */
  readonly longReleaseAfterMs: number;
  /** For how long an agent that is to be started anew waits for its voters. */
  readonly detachPatienceMs: number;
  /** The holder's own view of its lease ends this much before the voters' promise: fixed part, and part of T. */
  readonly leaseMargin: { readonly fixedMs: number; readonly fractionOfLease: number };
  /** The last part of a lease in which resources that lost their majority are stopped, as a fraction of T. */
  readonly stopWindowFractionOfLease: number;
  /** How long a planned stop of resources may take gently, while the lease is still renewed. */
  readonly plannedStopMsMax: number;
  /** How long a planned switchover waits for its target to have every change. */
  readonly drainMsMax: number;
  /** One of several paths to a peer must have been silent for this long, while the peer was heard on another, before that is told. */
  readonly pathPatienceMs: number;
  /** Another thread of the agent that has not beaten for this long makes its node ineligible. */
  readonly threadAgeMsMax: number;
  /** A node is not ready while another eligible node has this many changes more. */
  readonly changesBehindMax: number;
  /** After its resources failed to start a node leaves the group to others for this long, doubled with every failure up to the maximum. */
  readonly startBackOffMs: { readonly first: number; readonly max: number };
  /** A group that has run for this long has proved that it can start. */
  readonly startProvenAfterMs: number;
  /** A node that has met no majority or no holder since its start calls that a halt only after this: a whole site that boots is no alarm. */
  readonly startPatienceMs: number;
  /** More moves of a group than `movesMax` within `withinMs` make automatic failback wait. */
  readonly flapGuard: { readonly movesMax: number; readonly withinMs: number };
  readonly quarantine: QuarantineSettings;
  /** Up to this long a failback that had to be given up waits for the next one, whatever the group's own wait. */
  readonly failbackWaitMsMax: number;
}
