import type { Command } from "commander";

/** A wrong call ends with the reason and where the help is, and with exit code 2: 1 is for a step that failed. */
const wrongCallExitCode = 2;

/** Reads the call of one of this folder's programs; its options are then those of the command. */
export function parseCall(program: Command): Command {
  program.showHelpAfterError(`Next step: see ${program.name()} --help`);
  program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : wrongCallExitCode));
  return program.parse();
}
