import { AgentError } from "../agent-error.ts";
import { exitCodes, internalFaultExitCode } from "./exit-codes.ts";
import { printable } from "./printable.ts";

/** Says on standard error what went wrong and what to do, and sets the exit code. */
export function reportFailure(error: unknown): void {
  if (error instanceof AgentError) {
    process.stderr.write(failureText(error));
    process.exitCode = exitCodes[error.code];
    return;
  }
  process.stderr.write(`The agent failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.stderr.write("Next step: this is a fault of the agent itself; please report it with the lines above.\n");
  process.exitCode = internalFaultExitCode;
}

/** It may quote what a service or the cloud has said: a terminal obeys nothing of that. Its own lines stay. */
export function failureText({ message, nextStep }: AgentError): string {
  return `${message.split("\n").map(printable).join("\n")}\nNext step: ${nextStep.split("\n").map(printable).join("\n")}\n`;
}
