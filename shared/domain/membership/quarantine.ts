import { type MonotonicUs, usFromMs } from "../time.ts";
import { majorityOf } from "./quorum.ts";

/** What counts as leaving too often, and what follows from it. */
export interface QuarantineSettings {
  /** So many leaves without a word, */
  readonly leaves: number;
  /** within this time, */
  readonly withinMs: number;
  /** keep a node from taking any group for this long. */
  readonly forMs: number;
}

/** How one node has seen another leave without a word. */
export interface Leaves {
  /** The latest ones, oldest first. */
  readonly atUs: readonly MonotonicUs[];
  readonly quarantinedUntilUs: MonotonicUs;
}

export const noLeaves: Leaves = { atUs: [], quarantinedUntilUs: 0 };

export function afterLeave(leaves: Leaves, settings: QuarantineSettings, nowUs: MonotonicUs): Leaves {
  const atUs = [...leaves.atUs.filter((earlierUs) => nowUs - earlierUs < usFromMs(settings.withinMs)), nowUs].slice(-settings.leaves);
  const quarantinedUntilUs = atUs.length < settings.leaves ? leaves.quarantinedUntilUs : nowUs + usFromMs(settings.forMs);
  return { atUs, quarantinedUntilUs };
}

/**
 * Until when a majority of the other voters hold a node in quarantine; 0 where none does. One that was itself cut off has seen
 * all the others leave: alone it accuses nobody.
 */
export function agreedUntilUs(untilUs: readonly MonotonicUs[], otherVoters: number): MonotonicUs {
  return untilUs.toSorted((one, other) => other - one)[majorityOf(otherVoters) - 1] ?? 0;
}
