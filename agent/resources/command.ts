import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { sendSignal } from "./marked-processes.ts";

/** What a command says last is kept for the reason that operators read. */
const outputTailCharsMax = 800;

const setpriv = "/usr/bin/setpriv";
const inheritedVariables = ["PATH", "HOME", "USER", "LANG", "TZ"] as const;

/** The priority of what is spawned, which inherits that of its parent's thread. */
export interface SpawnPriority {
  /** Runs a spawn at this niceness. */
  readonly around: <Spawned>(spawned: () => Spawned) => Spawned;
  /** What runs first and then becomes the program. */
  readonly prefix: readonly string[];
}

/** That of the thread that spawns. */
export const inheritedPriority: SpawnPriority = { around: (spawned) => spawned(), prefix: [] };

export interface CommandOptions {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the system can (util-linux), the kernel kills the command at the instant at which this process dies. */
  readonly dieWithParent: boolean;
  readonly priority: SpawnPriority;
}

/** How a command ended: its exit code, or the signal that ended it, or why it could not be started at all. */
export type CommandEnd =
  | { readonly how: "exit"; readonly code: number }
  | { readonly how: "signal"; readonly signal: string }
  | { readonly how: "not-started"; readonly reason: string };

/** A command run by argv, never by a shell, as the leader of a process group of its own. */
export class Command {
  /** Null where it could not be started. */
  readonly pid: number | null;
  readonly ended: Promise<CommandEnd>;
  #end: CommandEnd | null = null;
  #tail = "";

  constructor(argv: readonly string[], options: CommandOptions) {
    const child = options.priority.around(() => spawnGroup([...options.priority.prefix, ...argv], options));
    this.pid = child.pid ?? null;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#tail = (this.#tail + text).slice(-outputTailCharsMax);
    });
    this.ended = new Promise((resolve) => {
      const finish = (end: CommandEnd): void => {
        this.#end ??= end;
        resolve(this.#end);
      };
      child.once("error", (error) => finish({ how: "not-started", reason: error.message }));
      child.once("exit", (code, signal) => finish(code === null ? { how: "signal", signal: signal ?? "unknown" } : { how: "exit", code }));
    });
  }

  /** Null while it runs. */
  get end(): CommandEnd | null {
    return this.#end;
  }

  /** The last lines that it wrote to standard error, on one line. */
  get lastWords(): string {
    return this.#tail
      .trim()
      .replace(/\s*\n\s*/g, " | ")
      .slice(-outputTailCharsMax);
  }

  /** To the whole process group. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid !== null) sendSignal(-this.pid, signal);
  }
}

function spawnGroup(argv: readonly string[], options: CommandOptions): ChildProcess {
  const [program = "", ...rest] = options.dieWithParent && canExecute(setpriv) ? [setpriv, "--pdeathsig", "KILL", "--", ...argv] : argv;
  const inherited = inheritedVariables.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return spawn(program, rest, {
    cwd: options.workingDirectory,
    env: { ...Object.fromEntries(inherited), ...options.environment },
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** "ended with code 1: <last words>", for people. */
export function describeEnd(end: CommandEnd, lastWords: string): string {
  const how =
    end.how === "exit"
      ? `ended with code ${end.code}`
      : end.how === "signal"
        ? `was ended by ${end.signal}`
        : `could not be started (${end.reason})`;
  return lastWords === "" ? how : `${how}: ${lastWords}`;
}
