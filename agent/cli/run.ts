import { Command } from "commander";
import pino from "pino";
import { loadSettings } from "../config/load-settings.ts";
import { runAgent } from "../node/compose.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { reportFailure } from "./report-failure.ts";

export function runCommand(): Command {
  return new Command("run")
    .description("Runs the agent in the foreground until SIGTERM or Ctrl-C; logs JSON lines on standard output.")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .addHelpText("after", exitCodeHelp())
    .action(run);
}

async function run({ config }: { readonly config: string }): Promise<void> {
  const settings = loadSettings(config);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } });
  try {
    await runAgent(settings, log);
  } catch (error) {
    reportFailure(error);
    // At once, whatever still runs: the guardian takes the services down when this process is gone.
    process.exit();
  }
}
