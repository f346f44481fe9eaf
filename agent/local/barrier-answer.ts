import type { BarrierPassed } from "../replication/barrier.ts";

/** How long a barrier may be waited for. */
export const barrierMsMax = 600_000;

/** The nodes that have, on their disks, all that was committed here before the barrier; with names, which people know nodes by. */
export interface BarrierAnswer extends BarrierPassed {
  readonly dataSet: string;
  readonly heldByNames: readonly string[];
}
