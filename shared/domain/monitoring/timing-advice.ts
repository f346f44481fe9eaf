import type { FailoverSettings } from "../failover/failover-settings.ts";
import { bornSilenceMs } from "../failover/timing-rules.ts";
import type { NodeId, PathName } from "../ids.ts";
import type { TimingProfileName } from "../membership/cluster-document.ts";
import type { Timing, TimingProfile, TimingProfiles } from "../membership/timing-profile.ts";
import { type GapHistogram, gapsBeyond } from "./gap-histogram.ts";

/** What one day has shown on one node. */
export interface DayOfGaps {
  /** Date in UTC, YYYY-MM-DD. */
  readonly day: string;
  /** Between two heartbeats of the same run of a peer, as they arrived here by each path. */
  readonly peers: Readonly<Record<NodeId, Readonly<Record<PathName, GapHistogram>>>>;
  /** By how much this node's own control loop was late, where it was. */
  readonly own: GapHistogram;
}

export interface ProfileAdvice {
  readonly profile: TimingProfileName | "custom";
  readonly leaseMs: number;
  /** A silence of at most this between a holder and a voter that it needs costs nothing. */
  readonly bearsMs: number;
  /** At most so many silences were longer, and would each have moved a group that depended on that path. */
  readonly lost: number;
  /** The last day with such a silence. */
  readonly lastDay: string | null;
}

/**
 * What each profile, and the cluster's own, would have made of the same days. A bound from above: a peer's silence moves a group only where no other voter made up for
 * it, and it is silent only while it is so on every path, so that of several paths the best one counts.
 */
export function timingAdvice(days: readonly DayOfGaps[], settings: FailoverSettings, own: Timing): readonly ProfileAdvice[] {
  const profiles: TimingProfiles & { custom?: TimingProfile } =
    typeof own === "string" ? settings.profiles : { ...settings.profiles, custom: own };
  return (Object.entries(profiles) as [ProfileAdvice["profile"], TimingProfile][]).map(([profile, timing]) => {
    const bearsMs = bornSilenceMs(timing.leaseMs, settings);
    const lostOn = days.map(({ day, peers, own }) => {
      const lost = Object.values(peers).reduce((sum, paths) => sum + longerOnAll(paths, bearsMs), gapsBeyond(own, bearsMs));
      return { day, lost };
    });
    const bad = lostOn.filter(({ lost }) => lost > 0).map(({ day }) => day);
    return {
      profile,
      leaseMs: timing.leaseMs,
      bearsMs,
      lost: lostOn.reduce((sum, { lost }) => sum + lost, 0),
      lastDay: bad.toSorted().at(-1) ?? null,
    };
  });
}

function longerOnAll(paths: Readonly<Record<PathName, GapHistogram>>, ms: number): number {
  return Math.min(...Object.values<GapHistogram>(paths).map((gaps) => gapsBeyond(gaps, ms)));
}
