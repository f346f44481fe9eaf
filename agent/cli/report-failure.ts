import { AgentError } from "../agent-error.ts";
import { exitCodes, internalFaultExitCode } from "./exit-codes.ts";

/** Says on standard error what went wrong and what to do, and sets the exit code. */
export function reportFailure(error: unknown): void {
  if (error instanceof AgentError) {
    process.stderr.write(`${error.message}\nNext step: ${error.nextStep}\n`);
    process.exitCode = exitCodes[error.code];
    return;
  }
  process.stderr.write(`The agent failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.stderr.write("Next step: this is a fault of the agent itself; please report it with the lines above.\n");
  process.exitCode = internalFaultExitCode;
}
