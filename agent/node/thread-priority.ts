import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

const sessionPriorityFile = "/proc/self/autogroup";

/**
 * Linux may share the processor out by session first (sched_autogroup), and a thread's own priority then counts within its session
 * alone: a busy session beside it starves an agent whatever its threads have raised. Raised where the session is the agent's own, as
 * under a service manager; the services have sessions of their own and keep theirs. Null where that worked or is not called for.
 */
export function raiseSessionPriority(): string | null {
  try {
    if (!existsSync(sessionPriorityFile) || !leadsItsSession()) return null;
    writeFileSync(sessionPriorityFile, String(raisedNice));
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The process's name may hold anything but the last closing parenthesis: state, parent, group and session come after it. */
function leadsItsSession(): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === process.pid;
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
