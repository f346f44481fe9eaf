import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename } from "node:path";
import { reasonOf } from "../agent-error.ts";
import type { SpawnPriority } from "../resources/command.ts";

/** Above whatever else runs on the machine: a late control loop is a lost lease, and with a late guardian a service runs twice. */
const raisedNice = -15;
/**
 * The lowest of Linux's real-time priorities: before every ordinary thread whatever its niceness, and behind every other real-time one.
 * The kernel keeps a twentieth of each second for ordinary threads (`sched_rt_runtime_us`): a loop that never ended would not take the machine.
 */
const realTimePriority = "1";
/** Of util-linux: the runtime cannot set a scheduling policy. */
const chrt = "/usr/bin/chrt";

/**
 * Raises the priority of the calling thread alone (Linux counts it by thread): to real time, and where only that is not allowed,
 * among ordinary threads. Null where either worked, else why not: it takes root or CAP_SYS_NICE.
 */
export function raiseThreadPriority(): string | null {
  const problem = changeThreadPriority(raisedNice);
  return scheduleInRealTime() ? null : problem;
}

/** Not in a container without CAP_SYS_NICE, where the kernel gives a control group no time of this kind, or without util-linux. */
function scheduleInRealTime(): boolean {
  const thread = basename(readlinkSync("/proc/thread-self"));
  return spawnSync(chrt, ["--rr", "--pid", realTimePriority, thread], { stdio: "ignore", timeout: 5_000 }).status === 0;
}

const sessionPriorityFile = "/proc/self/autogroup";

/**
 * Linux may share the processor out by session first (sched_autogroup), and a thread's own niceness then counts within its session
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

/** For a thread that is about to raise its priority: what it spawns like this gets the priority that it has now. */
export function ordinaryPriority(): SpawnPriority {
  const ordinaryNice = getPriority(0);
  return {
    prefix: existsSync(chrt) ? [chrt, "--other", "0"] : [],
    around: (spawned) => {
      // Lowering is always allowed; raising again is where it was allowed once.
      changeThreadPriority(ordinaryNice);
      try {
        return spawned();
      } finally {
        changeThreadPriority(raisedNice);
      }
    },
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
