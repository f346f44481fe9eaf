import { setPriority } from "node:os";
import { reasonOf } from "../agent-error.ts";

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
