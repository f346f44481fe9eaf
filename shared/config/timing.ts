import type { TimingProfileName } from "../domain/membership/cluster-document.ts";

/** Timings of the failover engine, in milliseconds. Relations are asserted in test/shared/config/timing.test.ts. */
export interface TimingProfile {
  /** T: how long a voter's promise holds. */
  readonly leaseMs: number;
  /** How often a node says that it lives, and renews its leases. Several times per T. */
  readonly heartbeatIntervalMs: number;
  /** A node not heard for this long is called silent. It ends nobody's lease. */
  readonly silentAfterMs: number;
  /** The n-th eligible node of a group's order waits n of these before it asks for a free group. */
  readonly rankDelayMs: number;
}

export const timingProfiles: Readonly<Record<TimingProfileName, TimingProfile>> = {
  fast: { leaseMs: 300, heartbeatIntervalMs: 50, silentAfterMs: 220, rankDelayMs: 30 },
  default: { leaseMs: 600, heartbeatIntervalMs: 100, silentAfterMs: 420, rankDelayMs: 50 },
  patient: { leaseMs: 3_000, heartbeatIntervalMs: 500, silentAfterMs: 2_100, rankDelayMs: 150 },
};

/** T_max of rule 4: a voter that has just started grants nothing for this long. */
export const leaseMsMax: number = Math.max(...Object.values(timingProfiles).map((profile) => profile.leaseMs));

/** The holder's own view of its lease ends this much before the voters' promise: fixed part, and part of T. */
export const leaseMargin = { fixedMs: 50, fractionOfLease: 0.01 } as const;
