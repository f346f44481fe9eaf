import { execFile } from "node:child_process";
import { promisify } from "node:util";

const timeoutMs = 10_000;

/** Runs a command by its argv and resolves with what it printed; rejects with the whole command and what it said. */
export async function runCommand(argv: readonly string[]): Promise<string> {
  const [program = "", ...rest] = argv;
  try {
    const { stdout } = await promisify(execFile)(program, rest, { timeout: timeoutMs });
    return stdout;
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr?.trim() ?? "";
    throw new Error(`${argv.join(" ")}: ${said === "" ? String(error) : said}`, { cause: error });
  }
}
