import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  readonly logFile: string;
  /** `log`: standard output goes to the log file too; `pipe`: the caller reads it. */
  readonly stdout: "log" | "pipe";
  readonly environment?: Readonly<Record<string, string>>;
  /** Argv that the program runs under and that becomes the program, as `ip netns exec` does; so the process is the program's own. */
  readonly runsUnder?: readonly string[];
  /** In a session of its own, as a service manager starts it: Ctrl-C is not meant for it, and Linux gives it a share of the processor of its own. */
  readonly ownSession?: boolean;
}

/** Starts one of the product's own programs with the Node that runs us. Its standard error goes to the log file. */
export function startProgram(script: string, args: readonly string[], options: ProgramOptions): ChildProcess {
  const log = openSync(options.logFile, "a");
  try {
    const stdout = options.stdout === "log" ? log : "pipe";
    const [command = "", ...rest] = [...(options.runsUnder ?? []), process.execPath, script, ...args];
    const env = { ...process.env, ...options.environment };
    return spawn(command, rest, { stdio: ["ignore", stdout, log], env, detached: options.ownSession === true });
  } finally {
    closeSync(log); // The child has its own copy.
  }
}

/** The first line of standard output that is a JSON object; an error with the log's end where the process ends first. */
export async function firstJsonLine(child: ChildProcess, name: string, logFile: string): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error(`${name} has no standard output`);
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${name} ended before it was ready: ${lastLines(logFile)}`);
  });
  const ready = (async () => {
    for await (const line of lines) {
      if (line.startsWith("{")) return JSON.parse(line) as Record<string, unknown>;
    }
    // The stream ends with the process; what it said at last is in its log.
    return ended;
  })();
  return Promise.race([ready, ended]);
}

export function lastLines(logFile: string, count = 5): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-count).join(" | ");
}

/** Asks the process to end, waits, and kills it with -9 only where it does not listen. Resolves true when it ended by itself. */
export async function endProcess(child: ChildProcess, timeoutMs = 15_000): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  await ended;
  clearTimeout(timer);
  return child.signalCode !== "SIGKILL";
}

/** The process and all that it has started, whatever group or session they moved to, as the kernel's process table says. */
export function processTree(rootPid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    if (parent === undefined) continue;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(entry)]);
  }
  const tree = [rootPid];
  for (let index = 0; index < tree.length; index += 1) tree.push(...(childrenOf.get(tree[index] ?? 0) ?? []));
  return tree;
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may hold spaces and parentheses itself; the fields behind the last one are plain.
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // The process ended while we were reading the table.
  }
}
