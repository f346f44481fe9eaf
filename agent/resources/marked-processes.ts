import { readdirSync, readFileSync } from "node:fs";

/** Environment variable that every process of a service carries and its children inherit, daemons too: so none of them is ever lost sight of. */
export const markVariable = "UNDERSTUDY_SERVICE";

/** `<directory mark>/<service>`: which agent's service a process belongs to. */
export function serviceMark(directoryMark: string, service: string): string {
  return `${directoryMark}/${service}`;
}

export interface ProcessId {
  readonly pid: number;
  /** In clock ticks since boot: with the pid it names one process, however often the kernel reuses the number. */
  readonly startTicks: number;
}

/** Processes that carry exactly this mark. Only those are seen whose environment this user may read (its own; all, for root). */
export function markedProcesses(mark: string): number[] {
  return pidsWhere((value) => value === mark);
}

/** Processes of any service of this data directory's agent. */
export function processesOfDirectory(directoryMark: string): number[] {
  return pidsWhere((value) => value.startsWith(`${directoryMark}/`));
}

/** Names of the services that have processes. */
export function marksOfDirectory(directoryMark: string): string[] {
  return processesOfDirectory(directoryMark).flatMap((pid) => markOf(pid)?.slice(directoryMark.length + 1) ?? []);
}

function pidsWhere(matches: (mark: string) => boolean): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^[0-9]+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && matches(markOf(pid) ?? "") && isAlive(pid));
}

function markOf(pid: number): string | undefined {
  const prefix = `${markVariable}=`;
  return readProcFile(pid, "environ")
    ?.split("\0")
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length);
}

/** Null where there is no such process (any more). */
export function identify(pid: number): ProcessId | null {
  const startTicks = Number(fieldsOf(pid)?.[19]);
  return Number.isSafeInteger(startTicks) ? { pid, startTicks } : null;
}

export function isStillRunning(id: ProcessId): boolean {
  return identify(id.pid)?.startTicks === id.startTicks && isAlive(id.pid);
}

/** False for a zombie too: it is dead, only nobody has asked for its exit code yet. */
function isAlive(pid: number): boolean {
  const state = fieldsOf(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Fields of /proc/PID/stat after the command, which may itself hold spaces and brackets: state first, start time at 19. */
function fieldsOf(pid: number): string[] | undefined {
  const stat = readProcFile(pid, "stat");
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Undefined where the process has gone meanwhile or is another user's. */
function readProcFile(pid: number, file: "environ" | "stat"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process, or with a negative number to its whole group; one that has gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!gone) throw error;
  }
}
