import type { MonotonicUs } from "../time.ts";

/** What allows a node to write a data set with a single writer: the lease of the data set's group, as the node has won it. */
export interface Tenure {
  /** Grows with every change of holder, and goes with every write. */
  readonly epoch: number;
  /** Until then nobody else can have a lease, on the node's own monotonic clock. */
  readonly untilUs: MonotonicUs;
}

/** Why a write under this tenure must not be made; null where it may. `epochSeen`: the highest of any write that has come to this node. */
export function writeProblem({ epoch, untilUs }: Tenure, epochSeen: number, nowUs: MonotonicUs): string | null {
  if (epochSeen > epoch) return `epoch ${epoch} is over: another node has written under epoch ${epochSeen}`;
  if (nowUs >= untilUs) return "the lease has ended, and was not renewed in time";
  return null;
}
