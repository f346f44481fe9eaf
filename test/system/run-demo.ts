import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The demonstration, as the README has it. Rejects with its exit code and what it said where it ends with an error. */
export function runDemo(...options: string[]): Promise<{ stdout: string; stderr: string }> {
  return run("npm", ["run", "--silent", "demo", "--", ...options], { cwd: resolve(import.meta.dirname, "../.."), timeout: 170_000 });
}
