import { type ChildProcess, execFile, spawn } from "node:child_process";

/** Where the system's own tools are, whatever the agent's environment says. */
const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" };
const outputBytesMax = 4 * 1_024 * 1_024;

export type ProgramResult =
  | { readonly ok: true; readonly output: string }
  /** `missing`: there is no such program here. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

/** Runs one of the system's tools to its end, by argv, never by a shell. Never rejects; one that takes longer than `timeoutMs` is killed. */
export function runProgram(argv: readonly string[], timeoutMs: number, input?: string): Promise<ProgramResult> {
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
    // It may end without having read everything; its exit code tells.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });
}

/** Starts a tool that nobody waits for; it may be fed commands on its standard input. `onComplaint` hears what it writes to standard error, or why it cannot be started. */
export function feedProgram(argv: readonly string[], onComplaint: (text: string) => void): ChildProcess {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, { env: environment, stdio: ["pipe", "ignore", "pipe"] });
  child.on("error", (error) => onComplaint(error.message));
  // Its end is told by its exit.
  child.stdin?.on("error", () => {});
  child.stderr?.setEncoding("utf8").on("data", (text: string) => onComplaint(oneLine(text)));
  return child;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " | ");
}
