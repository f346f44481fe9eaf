import type { DocumentProblem } from "../membership/document-problem.ts";
import type { TimingProfile } from "../membership/timing-profile.ts";
import { msFromUs, usFromMs } from "../time.ts";
import type { FailoverSettings } from "./failover-settings.ts";
import { marginUs } from "./lease.ts";

/** Faster than this the agent's own threads and the guardian would not keep up. */
const heartbeatIntervalMsMin = 50;
/** So many renewals may be lost in a row before resources are stopped. */
const renewalsLostMax = 2;
const heartbeatsBeforeSuspicionMin = 3;
/** Two candidates nearer to each other than this part of T would ask at once. */
const rankDelayFractionMin = 1 / 20;
/** The turns of as many nodes as a cluster may have come within one lease and a half. */
const [turnsMax, turnsLeases] = [8, 1.5];

/** The part of a lease that may pass unrenewed before resources are stopped (rule 3). */
export function bornSilenceMs(leaseMs: number, settings: FailoverSettings): number {
  const leaseUs = usFromMs(leaseMs);
  return Math.floor(msFromUs(leaseUs * (1 - settings.stopWindowFractionOfLease) - marginUs(leaseUs, settings)));
}

/** How the timings of one profile must stand to each other. Every problem at once; none: it can be used. */
export function timingProblems(profile: TimingProfile, settings: FailoverSettings): readonly DocumentProblem[] {
  const { leaseMs, heartbeatIntervalMs, suspectAfterMs, rankDelayMs } = profile;
  const { least, usual, most } = suspectAfterMs;
  const bornMs = bornSilenceMs(leaseMs, settings);
  const intervalMsMax = Math.floor(bornMs / (renewalsLostMax + 1));
  const leastMin = heartbeatsBeforeSuspicionMin * heartbeatIntervalMs;
  const [rankMin, rankMax] = [Math.ceil(leaseMs * rankDelayFractionMin), Math.floor((turnsLeases * leaseMs) / turnsMax)];
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      leaseMs <= settings.leaseMsMax,
      "leaseMs",
      `must be at most ${settings.leaseMsMax}: a node that has just started keeps silent for the longest lease there is`,
    ],
    [
      heartbeatIntervalMs >= heartbeatIntervalMsMin,
      "heartbeatIntervalMs",
      `must be at least ${heartbeatIntervalMsMin}: faster than that the agent cannot keep up`,
    ],
    [
      heartbeatIntervalMs <= intervalMsMax,
      "heartbeatIntervalMs",
      `must be at most ${intervalMsMax}: of a lease of ${leaseMs} ms, ${bornMs} ms may pass unrenewed, and ${renewalsLostMax} renewals in a row may be lost`,
    ],
    [
      least >= leastMin,
      "suspectAfterMs.least",
      `must be at least ${leastMin}: ${heartbeatsBeforeSuspicionMin} heartbeats, of which one may be lost and one late`,
    ],
    [least <= usual && usual <= most, "suspectAfterMs.usual", `must lie between least (${least}) and most (${most})`],
    [
      most < leaseMs,
      "suspectAfterMs.most",
      `must be below the lease (${leaseMs}): a dead node is known to be silent before its lease has run out`,
    ],
    [rankDelayMs >= rankMin, "rankDelayMs", `must be at least ${rankMin}, or two candidates would ask at once`],
    [rankDelayMs <= rankMax, "rankDelayMs", `must be at most ${rankMax}: the turns of ${turnsMax} nodes come within one lease and a half`],
  ];
  return rules.flatMap(([holds, path, message]) => (holds ? [] : [{ path: `timing.${path}`, message }]));
}
