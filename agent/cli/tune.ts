import { Command } from "commander";
import { failoverSettings } from "../../shared/config/timing.ts";
import { timingAdvice } from "../../shared/domain/monitoring/timing-advice.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { tuneTable } from "./tune-table.ts";

interface TuneOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function tuneCommand(): Command {
  return new Command("tune")
    .description("How regularly this server has heard its peers, and what each timing profile would have made of that.")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print JSON in place of tables: the days with their counts, and the advice")
    .addHelpText("after", exitCodeHelp())
    .action(tune);
}

async function tune({ config, json = false }: TuneOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const [status, heard] = await Promise.all([client.status(), client.gaps()]);
  const advice = timingAdvice(heard.days, failoverSettings, heard.timing);
  process.stdout.write(`${json ? JSON.stringify({ ...heard, advice }, null, 2) : tuneTable(heard, advice, nameIn(status))}\n`);
}

function nameIn({ peers }: AgentStatus): (node: string) => string {
  return (node) => peers.find(({ nodeId }) => nodeId === node)?.name ?? `${node} (no member any more)`;
}
