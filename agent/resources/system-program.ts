import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Where the system's own tools are, whatever the agent's environment says. */
const toolFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;
const environment = { PATH: toolFolders.join(":"), LANG: "C" };
const outputBytesMax = 4 * 1_024 * 1_024;

export type ProgramResult =
  | { readonly ok: true; readonly output: string }
  /** `missing`: there is no such program here. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

/** Runs one of the system's tools to its end, by argv, never by a shell. Never rejects; one that takes longer than `timeoutMs` is killed, and so is one that is given up. */
export function runProgram(argv: readonly string[], timeoutMs: number, input?: string, given?: AbortSignal): Promise<ProgramResult> {
  const [program = "", ...rest] = argv;
  return new Promise((resolve) => {
    const options = { env: environment, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: outputBytesMax } as const;
    const child = execFile(program, rest, options, (error, output, complaint) => {
      if (error === null) return resolve({ ok: true, output });
      const missing = error.code === "ENOENT";
      const late = error.killed === true ? `${program} took longer than ${timeoutMs} ms` : "";
      const reason = missing ? `${program} is not installed` : late || oneLine(complaint) || error.message;
      resolve({ ok: false, missing, reason });
    });
    const giveUp = (): void => {
      child.kill("SIGKILL");
      // Where the kernel does not end it, it is not waited for either.
      child.unref();
      for (const stream of child.stdio) stream?.destroy();
      resolve({ ok: false, missing: false, reason: `${program} was given up` });
    };
    if (given?.aborted === true) giveUp();
    else given?.addEventListener("abort", giveUp, { once: true });
    child.once("exit", () => given?.removeEventListener("abort", giveUp));
    // It may end without having read everything; its exit code tells.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });
}

/** Whether this user could run the tool. */
export async function isInstalled(tool: string): Promise<boolean> {
  const looks = await Promise.allSettled(toolFolders.map((folder) => access(join(folder, tool), constants.X_OK)));
  return looks.some(({ status }) => status === "fulfilled");
}

/** Starts a tool that nobody waits for. `onComplaint` hears what it writes to standard error, or why it cannot be started. */
export function startProgram(argv: readonly string[], onComplaint: (text: string) => void): ChildProcess {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  child.on("error", (error) => onComplaint(error.message));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => onComplaint(oneLine(text)));
  return child;
}

/** One that reads commands from its standard input for as long as that is open. */
export type OpenProgram = ChildProcessByStdio<Writable, Readable, null>;

export function openProgram(argv: readonly string[]): OpenProgram {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, { env: environment, stdio: ["pipe", "pipe", "ignore"] });
  // Its end is told by its exit.
  child.stdin.on("error", () => {});
  return child;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " | ");
}
