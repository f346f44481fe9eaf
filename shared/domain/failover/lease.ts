import { majorityOf, type VoterId } from "../membership/quorum.ts";
import { type DurationUs, type MonotonicUs, usFromMs } from "../time.ts";
import type { FailoverSettings } from "./failover-settings.ts";
import type { Grant, GroupRun, Round } from "./node-state.ts";

/** By how much the holder's own view of its lease is shorter than the voters' promise. */
export function marginUs(leaseUs: DurationUs, settings: Pick<FailoverSettings, "leaseMargin">): DurationUs {
  return usFromMs(settings.leaseMargin.fixedMs) + Math.ceil(leaseUs * settings.leaseMargin.fractionOfLease);
}

/** Until when the holder counts on a promise: a long one has a larger margin, and may end for it before an ordinary one that nominally ends earlier. */
function countedUntilUs({ sentUs, leaseUs }: Round, settings: FailoverSettings): MonotonicUs {
  return sentUs + leaseUs - marginUs(leaseUs, settings);
}

/**
 * Rule 2: a lease lasts as long as a majority's promises do, each counted from the instant before its own request was
 * sent, less its own margin. Null where there is no majority at all; the end may lie in the past. `needed`: so many of these voters.
 */
export function leaseEndUs(
  promises: Readonly<Record<VoterId, Round>>,
  voters: readonly VoterId[],
  settings: FailoverSettings,
  needed = majorityOf(voters.length),
): MonotonicUs | null {
  return nthLatest(promises, voters, needed, (round) => countedUntilUs(round, settings));
}

/**
 * How many voters' long promises it takes: so many that one voter which has forgotten its own (its disk restored from a snapshot, while
 * nobody is there to tell it) leaves the others no majority. Ordinary promises need no such reserve: a fresh voter's silence outlasts them.
 */
export function longVotesNeeded(voters: number): number {
  return Math.min(voters, voters + 2 - majorityOf(voters));
}

/** The newest instant at which so many of these voters were asked what they have since granted; null where there is none. */
export function agreedAtUs(promises: Readonly<Record<VoterId, Round>>, voters: readonly VoterId[], needed: number): MonotonicUs | null {
  return nthLatest(promises, voters, needed, (round) => round.sentUs);
}

function nthLatest(
  promises: Readonly<Record<VoterId, Round>>,
  voters: readonly VoterId[],
  needed: number,
  instantOf: (round: Round) => MonotonicUs,
): MonotonicUs | null {
  const instants = voters.flatMap((voter) => {
    const round = promises[voter];
    return round === undefined ? [] : [instantOf(round)];
  });
  instants.sort((a, b) => b - a);
  return instants[needed - 1] ?? null;
}

/** How many voters' promises hold now, as the holder counts. */
export function votesHeld(
  promises: Readonly<Record<VoterId, Round>>,
  voters: readonly VoterId[],
  settings: FailoverSettings,
  nowUs: MonotonicUs,
): number {
  return voters.filter((voter) => {
    const round = promises[voter];
    return round !== undefined && nowUs < countedUntilUs(round, settings);
  }).length;
}

/** Of each voter the promise that counts for longer: an ordinary one, or a long one. */
export function promisesOf(run: GroupRun, settings: FailoverSettings): Readonly<Record<VoterId, Round>> {
  const counted: Record<VoterId, Round> = { ...run.promises };
  for (const [voter, round] of Object.entries(run.long) as [VoterId, Round][]) {
    const ordinary = counted[voter];
    if (ordinary === undefined || countedUntilUs(ordinary, settings) < countedUntilUs(round, settings)) counted[voter] = round;
  }
  return counted;
}

/** A voter's promise binds it until it has run out on its own clock, or was given back. */
export function isBinding(grant: Grant | undefined, nowUs: MonotonicUs): grant is Grant & { readonly to: VoterId } {
  return grant !== undefined && grant.to !== null && nowUs < boundUntilUs(grant);
}

/** The end of the ordinary promise or of the long one, whichever is later. */
export function boundUntilUs(grant: Grant): MonotonicUs {
  return Math.max(grant.untilUs, grant.long?.untilUs ?? 0);
}
