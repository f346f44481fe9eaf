import type { TimingProfileName } from "./cluster-document.ts";

/** Timings of the failover engine, in milliseconds. */
export interface TimingProfile {
  /** T: how long a voter's promise holds. */
  readonly leaseMs: number;
  /** How often a node says that it lives, and renews its leases. Several times per T. */
  readonly heartbeatIntervalMs: number;
  /**
   * How long a path must be quiet before it counts as silent: `usual` while little is known of it, then by what was seen, between
   * `least` and `most`. It ends nobody's lease.
   */
  readonly suspectAfterMs: { readonly least: number; readonly usual: number; readonly most: number };
  /** The n-th eligible node of a group's order waits n of these before it asks for a free group. */
  readonly rankDelayMs: number;
}

/** What a cluster document says of its timing: a profile by its name, or one of its own. */
export type Timing = TimingProfileName | TimingProfile;

export type TimingProfiles = Readonly<Record<TimingProfileName, TimingProfile>>;

export function profileOf(timing: Timing, profiles: TimingProfiles): TimingProfile {
  return typeof timing === "string" ? profiles[timing] : timing;
}

/** For people. */
export function nameOfTiming(timing: Timing): TimingProfileName | "custom" {
  return typeof timing === "string" ? timing : "custom";
}
