import type { Command } from "commander";
import { wrongCallExitCode } from "./exit-codes.ts";

/** A call that no command understands: its help is named as the next step, and it has an exit code of its own, on every command below this one. */
export function answerWrongCalls(command: Command): void {
  command.showHelpAfterError(`Next step: see ${pathOf(command)} --help`);
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : wrongCallExitCode));
  command.commands.forEach(answerWrongCalls);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
