import { Command } from "commander";
import { exitCodeHelp } from "./exit-code-help.ts";

/** A command that asks the agent of this server, and tells its answer to people or as JSON. */
export function askingCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", exitCodeHelp());
}
