import type { NodeId } from "../../ids.ts";

/**
 * One node's time as the writer of a tree, by the group's epoch. Its row is the fence: what an earlier writer wrote counts up to where the new one
 * knew it when it began (`seals`, by epoch), and whatever of it arrives later does not.
 */
export interface TreeTenure {
  readonly epoch: number;
  readonly node: NodeId;
  readonly seals: Readonly<Record<string, number>>;
  /** The writer has looked through its whole tree: what has no entry by now is not in it. */
  readonly isSurveyed: boolean;
}

/** Which write of which tenure. */
export interface Written {
  readonly epoch: number;
  readonly number: number;
}

/** The entry counts under this tenure, the newest known one. One of a later tenure waits for that one's own row. */
export function isValid({ epoch, number }: Written, tenure: TreeTenure): boolean {
  return epoch === tenure.epoch || (epoch < tenure.epoch && number <= (tenure.seals[epoch] ?? 0));
}

/** Written by an earlier writer after the present one had begun: nobody follows it. */
export function isFenced(written: Written, tenure: TreeTenure): boolean {
  return written.epoch < tenure.epoch && !isValid(written, tenure);
}

/**
 * What a tenure that begins now takes over: of each earlier epoch that is still present, what counted under the last tenure, and all that is here of
 * that tenure itself. `highest`: the highest number present, by epoch.
 */
export function sealsFor(last: TreeTenure | undefined, highest: Readonly<Record<string, number>>): Record<string, number> {
  if (last === undefined) return {};
  const seals: Record<string, number> = {};
  for (const [epoch, number] of Object.entries(highest)) {
    if (Number(epoch) === last.epoch) seals[epoch] = number;
    else if (Number(epoch) < last.epoch) seals[epoch] = Math.min(number, last.seals[epoch] ?? 0);
  }
  return seals;
}
