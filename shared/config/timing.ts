import type { FailoverSettings } from "../domain/failover/failover-settings.ts";

const profiles: FailoverSettings["profiles"] = {
  fast: { leaseMs: 300, heartbeatIntervalMs: 50, suspectAfterMs: { least: 150, usual: 220, most: 280 }, rankDelayMs: 30 },
  default: { leaseMs: 600, heartbeatIntervalMs: 100, suspectAfterMs: { least: 300, usual: 420, most: 580 }, rankDelayMs: 50 },
  patient: { leaseMs: 3_000, heartbeatIntervalMs: 500, suspectAfterMs: { least: 1_500, usual: 2_100, most: 2_900 }, rankDelayMs: 150 },
};

/** Timings of the failover engine. Relations are asserted in test/shared/config/timing.test.ts. */
export const failoverSettings: FailoverSettings = {
  profiles,
  leaseMsMax: Math.max(...Object.values(profiles).map((profile) => profile.leaseMs)),
  longPromiseMsMax: 15_000,
  // The kernel's guard of an address renews itself for 0.8 s at most.
  longReleaseAfterMs: 1_000,
  detachPatienceMs: 2_000,
  /**
   * Two clocks that each drift by 1 %, one fast and one slow, part by 1 - 0.99 / 1.01 = 1.98 % of T; the fixed part is for
   * what outlives a hung agent and ends its resources at the lease's end.
   */
  leaseMargin: { fixedMs: 50, fractionOfLease: 0.02 },
  stopWindowFractionOfLease: 0.25,
  plannedStopMsMax: 10_000,
  drainMsMax: 3_000,
  pathPatienceMs: 3_000,
  threadAgeMsMax: 3_000,
  changesBehindMax: 1_000,
  startBackOffMs: { first: 5_000, max: 300_000 },
  startProvenAfterMs: 60_000,
  startPatienceMs: 30_000,
  flapGuard: { movesMax: 3, withinMs: 10 * 60_000 },
  quarantine: { leaves: 3, withinMs: 60 * 60_000, forMs: 120 * 60_000 },
  failbackWaitMsMax: 60 * 60_000,
};
