import { getPriority, setPriority } from "node:os";
import { reasonOf } from "../agent-error.ts";
import type { SpawnScope } from "../resources/command.ts";

/** Above whatever else runs on the machine: a late control loop is a lost lease, and with a late guardian a service runs twice. */
const raisedNice = -15;

/**
 * Raises the priority of the calling thread alone (Linux counts it by thread). Null where that worked, else why not: it
 * takes root or CAP_SYS_NICE.
 */
export function raiseThreadPriority(): string | null {
  return changeThreadPriority(raisedNice);
}

/** For a thread that is about to raise its priority: what it spawns in this scope gets the priority that it has now. */
export function ordinaryPriorityScope(): SpawnScope {
  const ordinaryNice = getPriority(0);
  return (spawned) => {
    // Lowering is always allowed; raising again is where it was allowed once.
    changeThreadPriority(ordinaryNice);
    try {
      return spawned();
    } finally {
      raiseThreadPriority();
    }
  };
}

function changeThreadPriority(nice: number): string | null {
  try {
    setPriority(0, nice);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
