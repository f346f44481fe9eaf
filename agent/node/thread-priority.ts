import { getPriority, setPriority } from "node:os";
import { reasonOf } from "../agent-error.ts";
import type { SpawnScope } from "../resources/command.ts";

/**
 * Raises the priority of the calling thread alone (Linux counts it by thread). Null where that worked, else why not: it
 * takes root or CAP_SYS_NICE.
 */
export function raiseThreadPriority(nice: number): string | null {
  try {
    setPriority(0, nice);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** For a thread that is about to raise its priority to `nice`: what it spawns in this scope gets the priority that it has now. */
export function ordinaryPriorityScope(nice: number): SpawnScope {
  const ordinary = getPriority(0);
  return (spawned) => {
    // Lowering is always allowed; raising again is where it was allowed once.
    raiseThreadPriority(ordinary);
    try {
      return spawned();
    } finally {
      raiseThreadPriority(nice);
    }
  };
}
